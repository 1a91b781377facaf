"""The tables of the Evaluation Engine: a test, what it tests, its samples and their scores, and totals by case."""

from evaluation_app.models.sample import Claim, EvaluationSample, JudgeCall, SampleScore, SampleState
from evaluation_app.models.test import Control, EvaluationTest, TestStatus
from evaluation_app.models.totals import CaseTotal
from evaluation_app.models.trial import EvaluationCase, EvaluationVariant

__all__ = [
    "CaseTotal",
    "Claim",
    "Control",
    "EvaluationCase",
    "EvaluationSample",
    "EvaluationTest",
    "EvaluationVariant",
    "JudgeCall",
    "SampleScore",
    "SampleState",
    "TestStatus",
]
