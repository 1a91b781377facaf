from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    """Evaluation Engine: tests of prompts by repeated runs, their scores and what they show."""

    name = "evaluation_app"
    verbose_name = "Evaluations"

    def ready(self) -> None:
        """Has a say when labels move, hears of templates that change, takes the tests that files of them hold,
        tells how well models did with them, how long everything is kept and where its pages are.
        """
        from audit.places import has_page
        from evaluation_app.api import mcp
        from evaluation_app.datasets import receiving
        from evaluation_app.figures import measured
        from evaluation_app.keeping import erasure, own_data, retention
        from evaluation_app.pages import palette, session_holders, template_uses
        from evaluation_app.running import events, waiting
        from evaluation_app.sampled import choosing
        from evaluation_app.splits import scorers as split_scorers
        from evaluation_app.suites import gate, model_uses, tending
        from playground.gateway.traces.keeping import on_calls
        from providers.retiring import uses

        gate.register()
        measured.register()
        tending.register()
        receiving.register()
        events.register()
        split_scorers.register()
        mcp.declare()
        uses.register(model_uses.find)
        on_calls(choosing.hear)
        for each in (retention, erasure, own_data, waiting):
            each.declare()
        for kind, address_name in (("test", "evaluation"), ("suite", "suite"), ("dataset", "dataset")):
            has_page(kind, address_name)
        palette.declare()
        template_uses.declare()
        session_holders.declare()
