"""What the playground keeps, a file a subject."""

from playground.models.attachment import Attachment as Attachment
from playground.models.attachment import AttachmentInVersion as AttachmentInVersion
from playground.models.attachment import AttachmentUse as AttachmentUse
from playground.models.comparison import Comparison as Comparison
from playground.models.comparison import ComparisonVote as ComparisonVote
from playground.models.defaults import PlaygroundDefaults as PlaygroundDefaults
from playground.models.execution import ExecutionQuerySet as ExecutionQuerySet
from playground.models.execution import IdempotencyKey as IdempotencyKey
from playground.models.execution import Origin as Origin
from playground.models.execution import PromptExecution as PromptExecution
from playground.models.execution import RunnerLease as RunnerLease
from playground.models.execution import Status as Status
from playground.models.execution import split_metadata as split_metadata
from playground.models.feedback import ExecutionComment as ExecutionComment
from playground.models.feedback import ExecutionRating as ExecutionRating
from playground.models.http_tool import HttpTool as HttpTool
from playground.models.large_answer import LargeAnswer as LargeAnswer
from playground.models.mcp_server import McpServer as McpServer
from playground.models.usage import ExecutionUsage as ExecutionUsage
