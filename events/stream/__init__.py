"""Events as entries of a Redis stream (`EVENT_STREAM`), for whoever reads along with XREAD or a consumer group."""
