"""The model to move to: the one that the listing names, else the family's newest that can do the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

from providers.catalogue.info import ModelInfo
from providers.families.family import ANY


def replacement_of(info: ModelInfo, models: Iterable[ModelInfo]) -> str:
    """The id of another model of the same provider; empty where none is known to do.

    Listings do not tell how old a model is, so the newest is the one whose name has the highest numbers. One that
    retires no later is none, nor is one that does less (capabilities, window).
    """
    others = [each for each in models if each.provider == info.provider and each.id != info.id]
    if info.replacement:
        named = f"{info.provider}/{info.replacement}"
        return named if any(each.id == named for each in others) else ""
    fit = [each for each in others if _does_the_same(each, info)]
    return max(fit, key=_age, default=info).id if fit else ""


def _does_the_same(other: ModelInfo, info: ModelInfo) -> bool:
    stays = other.deprecation_date is None or (
        info.deprecation_date is not None and other.deprecation_date > info.deprecation_date
    )
    return (
        stays
        and other.is_listed
        and not other.unavailable_reason
        and info.family.name != ANY.name
        and other.family.name == info.family.name
        and set(info.capabilities) <= set(other.capabilities)
        and (other.context_window or 0) >= (info.context_window or 0)
    )


def _age(info: ModelInfo) -> tuple[list[int], str]:
    return [int(digits[:12]) for digits in re.findall(r"\d+", info.id.partition("/")[2])], info.id
