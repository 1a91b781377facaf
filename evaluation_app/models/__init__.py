"""The tables of the Evaluation Engine: tests, samples, scores and totals; datasets, reviews, suites, …"""

from evaluation_app.models.batch import BatchState, ProviderBatch
from evaluation_app.models.dataset import CaseOrigin, Dataset, DatasetCase, DatasetVersion, Split
from evaluation_app.models.proposal import CaseProposal, ProposalAsk
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
from evaluation_app.models.sampled import CallScore, ScoringRule, ScoringState
from evaluation_app.models.split_watch import SplitUnit, SplitWatch
from evaluation_app.models.suite import (
    Baseline,
    GateChange,
    GateOverride,
    RunStatus,
    Suite,
    SuiteRun,
    SuiteTest,
    Why,
)
from evaluation_app.models.test import Control, EvaluationMember, EvaluationTest, TestStatus
from evaluation_app.models.totals import CaseTotal
from evaluation_app.models.trial import EvaluationCase, EvaluationVariant

__all__ = [
    "AdoptedAnswer",
    "Baseline",
    "BatchState",
    "CallScore",
    "CaseOrigin",
    "CaseProposal",
    "CaseTotal",
    "Claim",
    "Control",
    "Dataset",
    "DatasetCase",
    "DatasetVersion",
    "EvaluationCase",
    "EvaluationMember",
    "EvaluationSample",
    "EvaluationTest",
    "EvaluationVariant",
    "GateChange",
    "GateOverride",
    "JudgeCall",
    "ProposalAsk",
    "ProviderBatch",
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
    "RunStatus",
    "SampleScore",
    "SampleState",
    "ScoringRule",
    "ScoringState",
    "Split",
    "SplitUnit",
    "SplitWatch",
    "Suite",
    "SuiteRun",
    "SuiteTest",
    "TestStatus",
    "Why",
    "Winner",
]
