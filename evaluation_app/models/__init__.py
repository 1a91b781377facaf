"""The tables of the Evaluation Engine: tests, samples, scores and totals; datasets, reviews, recommendations."""

from evaluation_app.models.dataset import CaseOrigin, Dataset, DatasetCase, DatasetVersion, Split
from evaluation_app.models.recommendation import (
    Recommendation,
    RecommendationKind,
    RecommendationRound,
    RoundState,
)
from evaluation_app.models.review import (
    AdoptedAnswer,
    ReviewItem,
    ReviewKind,
    ReviewLabel,
    ReviewLock,
    ReviewQueue,
    ReviewRater,
    ReviewScale,
    ReviewSelection,
    Winner,
)
from evaluation_app.models.sample import Claim, EvaluationSample, JudgeCall, SampleScore, SampleState
from evaluation_app.models.test import Control, EvaluationTest, TestStatus
from evaluation_app.models.totals import CaseTotal
from evaluation_app.models.trial import EvaluationCase, EvaluationVariant

__all__ = [
    "AdoptedAnswer",
    "CaseOrigin",
    "CaseTotal",
    "Claim",
    "Control",
    "Dataset",
    "DatasetCase",
    "DatasetVersion",
    "EvaluationCase",
    "EvaluationSample",
    "EvaluationTest",
    "EvaluationVariant",
    "JudgeCall",
    "Recommendation",
    "RecommendationKind",
    "RecommendationRound",
    "ReviewItem",
    "ReviewKind",
    "ReviewLabel",
    "ReviewLock",
    "ReviewQueue",
    "ReviewRater",
    "ReviewScale",
    "ReviewSelection",
    "RoundState",
    "SampleScore",
    "SampleState",
    "Split",
    "TestStatus",
    "Winner",
]
