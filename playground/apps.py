from django.apps import AppConfig


class PlaygroundConfig(AppConfig):
    """Execution Engine: prompts run on models, streamed and kept."""

    name = "playground"

    def ready(self) -> None:
        """Has files kept that versions of templates name, has executions told as events, and tells how long everything
        is kept.
        """
        from foundation.problems import tell_below
        from playground.attachments import uses
        from playground.engine import events, standing
        from playground.gateway import errors
        from playground.gateway.mcp import messages, templates
        from playground.gateway.mcp import running as mcp_running
        from playground.gateway.traces import refusal
        from playground.keeping import erasure, own_data, retention
        from playground.pages import limits, palette, template_uses
        from playground.tools.mcp import settings_file
        from playground.usage import recording

        # Vendors' clients read their own vendor's errors: the narrower path stands first.
        tell_below("/v1/messages", errors.as_anthropic)
        tell_below("/v1/traces", refusal.as_status, {refusal.PROTOBUF: refusal.in_protobuf})
        tell_below("/v1/", errors.as_openai)
        tell_below("/mcp", messages.as_rpc)
        settings_file.programs()
        templates.declare()
        mcp_running.declare()
        uses.connect()
        events.register()
        recording.register()
        for each in (retention, erasure, own_data, standing):
            each.declare()
        palette.declare()
        limits.declare()
        template_uses.declare()
