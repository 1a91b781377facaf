"""What privacy itself keeps, a file a subject."""

from privacy.models.erasures import OPEN as OPEN
from privacy.models.erasures import Erasure as Erasure
from privacy.models.holds import Covers as Covers
from privacy.models.holds import LegalHold as LegalHold
from privacy.models.masking_rules import EVERY as EVERY
from privacy.models.masking_rules import MaskingRules as MaskingRules
from privacy.models.own_data import OwnData as OwnData
from privacy.models.retention import RetentionFigure as RetentionFigure
from privacy.models.retention import RetentionRule as RetentionRule
from privacy.models.retention import RetentionRun as RetentionRun
