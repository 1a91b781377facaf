"""What a search may raise, for whoever wants the Knowledge Service's names of it."""

from integrations.client.errors import ServiceAway as KnowledgeServiceAway
from integrations.client.errors import ServiceBroken as KnowledgeServiceBroken
from integrations.client.errors import ServiceFailed as KnowledgeServiceFailed
from integrations.client.errors import ServiceRefused as KnowledgeServiceRefused

__all__ = ["KnowledgeServiceAway", "KnowledgeServiceBroken", "KnowledgeServiceFailed", "KnowledgeServiceRefused"]
