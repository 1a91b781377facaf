"""Rules as they are sent: checked, each fault with its place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rest_framework import serializers

from foundation.rest.serializers import StrictSerializer
from privacy.masking.finders.patterns import InvalidPattern, compiled
from privacy.masking.rules import (
    LABEL,
    LONGEST_NAME,
    LONGEST_PATTERN,
    MOST_NAMES,
    MOST_PATTERNS,
    TAKEN,
    Files,
    Pattern,
    Rules,
)

SHORTEST_NAME: Final = 2
LONGEST_TEXT: Final = 100_000
LONGEST_PROJECT: Final = 255


class PatternSerializer(StrictSerializer):
    """A pattern of one's own."""

    label = serializers.CharField(  # type: ignore[assignment]
        max_length=32, help_text="Capitals, digits and _: its placeholders are [LABEL_1], [LABEL_2], …"
    )
    pattern = serializers.CharField(max_length=LONGEST_PATTERN, trim_whitespace=False, help_text="RE2.")

    def validate_label(self, label: str) -> str:
        """One that makes a placeholder which no other rule makes."""
        if not LABEL.fullmatch(label):
            raise serializers.ValidationError("2 to 32 capitals, digits and _ are expected, a letter first.")
        if label in TAKEN:
            raise serializers.ValidationError(f"{label} is what a rule of the service is called.")
        return label

    def validate_pattern(self, pattern: str) -> str:
        """One that RE2 takes, and that needs some text."""
        try:
            found = compiled(pattern)
        except InvalidPattern as error:
            raise serializers.ValidationError(str(error)) from None
        if found.fullmatch(""):
            raise serializers.ValidationError("It matches the empty text, and so everywhere.")
        return pattern


class RulesSerializer(StrictSerializer):
    """What is masked; what is left out is not."""

    email = serializers.BooleanField(default=False)
    phone = serializers.BooleanField(default=False, help_text="In international form, +49 30 …")
    iban = serializers.BooleanField(default=False)
    card = serializers.BooleanField(default=False)
    names = serializers.ListField(
        child=serializers.CharField(min_length=SHORTEST_NAME, max_length=LONGEST_NAME),
        max_length=MOST_NAMES,
        default=list,
        help_text="Whole words, in any case.",
    )
    patterns = PatternSerializer(many=True, default=list)
    files = serializers.ChoiceField(
        choices=Files.choices, default=Files.REFUSE, help_text="Pictures and files cannot be masked."
    )

    def validate_names(self, names: list[str]) -> list[str]:
        """Each once, and each with a letter."""
        for name in names:
            if not any(sign.isalnum() for sign in name):
                raise serializers.ValidationError(f"{name!r} has no letter.")
        return list(dict.fromkeys(names))

    def validate_patterns(self, patterns: list[Any]) -> list[Any]:
        """A bounded number, each with a label of its own."""
        if len(patterns) > MOST_PATTERNS:
            raise serializers.ValidationError(f"Up to {MOST_PATTERNS} patterns are taken.")
        labels = [each["label"] for each in patterns]
        if twice := sorted({label for label in labels if labels.count(label) > 1}):
            raise serializers.ValidationError(f"Two patterns are called {twice[0]}.")
        return patterns


class TestSerializer(StrictSerializer):
    """A text, and the rules to try: those given, or those of a project."""

    text = serializers.CharField(max_length=LONGEST_TEXT, trim_whitespace=False)
    rules = RulesSerializer(required=False)
    project_id = serializers.CharField(max_length=LONGEST_PROJECT, required=False)

    def validate(self, given: Any) -> Any:
        """One of both."""
        if ("rules" in given) == ("project_id" in given):
            raise serializers.ValidationError({"rules": "Either rules or a project_id is expected."})
        return given


def rules_of(checked: Mapping[str, Any]) -> Rules:
    """The value that a checked body asks for."""
    patterns = tuple(Pattern(each["label"], each["pattern"]) for each in checked["patterns"])
    return Rules(**{**checked, "names": tuple(checked["names"]), "patterns": patterns, "files": str(checked["files"])})
