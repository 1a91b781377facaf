"""What English prompts say when they ask for a format, a length or a way to work; shared by several rules."""

from __future__ import annotations

from typing import Final

from templates_app.linting.patterns import pattern, words

_ASK: Final = (
    r"(?:return|respond|reply|answer|output|produce|give|provide|write|format|emit|send|deliver|generate|create)"
)
_UNIT: Final = (
    r"(?:words?|sentences?|lines?|paragraphs?|bullets?|bullet points?|points?|characters?|items?|steps?|pages?|tokens?"
    r"|rows?|examples?|minutes?|questions?|options?|entries|ideas|titles?|names?|headlines?|cases?|reasons?)"
)
_ANSWER: Final = r"(?:answers?|outputs?|results?|responses?|reply|replies|everything|it|them)"
_NUMBER: Final = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|few)"

ASKS_FOR_JSON: Final = words(
    rf"{_ASK}[^.\n]{{0,60}}\bJSON",
    rf"{_ANSWER}[^.\n]{{0,30}}\b(?:as|in|be) (?:a |one |valid )?JSON",
    r"(?:as|valid|only|single) (?:a |one |valid )?JSON",
)
ONLY_JSON: Final = words(
    r"(?:only|nothing but|just) (?:a |an |one |the |valid |raw ){0,3}JSON",
    r"JSON(?: object| array| list)? only",
    r"JSON(?: object| array| list)?,? and (?:nothing else|no other text)",
)
_SHORT_ANSWER: Final = r"(?:number|label|word|letter|category|answer|name|score)"
SHORT_ANSWER_ONLY: Final = words(
    rf"(?:only|just|nothing but) (?:with )?(?:the |a |one |its ){{0,2}}{_SHORT_ANSWER}",
    r"with (?:only )?(?:one|a single) (?:word|letter|number)",
)
NAMES_A_LENGTH: Final = pattern(
    r"(?i)\b(?:brief|briefly|concise|concisely|short|succinct|at most|no more than|up to|maximum|limit|length|exactly"
    r"|fewer|less than|under \d+|as long as|one (?:word|line|sentence|paragraph|page|slide)|a single"
    r"|an? (?:\w+ )?(?:sentence|paragraph|page|line|tweet|headline|title|haiku|limerick|couplet)"
    r"|bullets?|bulleted|tl;?dr"
    r"|a few (?:words|lines|sentences)"
    r"|\d+[- ](?:\d+[- ])?words?|word count|in a nutshell|characters"
    rf"|{_NUMBER}[ -](?:[a-z]+[ -]){{0,3}}{_UNIT})\b|\}}\}}[ -](?:[a-z]+[ -]){{0,2}}{_UNIT}\b"
)
NAMES_A_FORMAT: Final = words(
    r"JSON",
    r"YAML",
    r"XML",
    r"CSV",
    r"HTML",
    r"Markdown",
    r"LaTeX",
    r"SQL",
    r"tables?",
    r"lists?",
    r"bullets?",
    r"bullet points?",
    r"numbered",
    r"headings?",
    r"headers?",
    r"columns?",
    r"sections?",
    r"paragraphs?",
    r"sentences?",
    r"words?",
    r"lines?",
    r"formats?",
    r"formatted",
    r"layout",
    r"code blocks?",
    r"diff",
    r"schema",
    r"template",
    r"structure",
    r"plain text",
    r"prose",
    r"e-?mail",
    r"letter",
    r"essay",
    r"(?:reply|answer|respond|begin|start|end) (?:only )?with",
    r"(?:return|output|write|give) only",
    r"yes or no",
    r"in the form",
    r"one of",
    r"true or false",
    r"true if",
    r"(?:json|code|query|command|script|function|program|url|index|score|rating|verbatim|rewritten|translation)",
    r"label",
    r"number only",
)
TALKS: Final = words(
    r"act as",
    r"(?:i want|i'd like|i would like) you to (?:be|play|act|pretend|become)",
    r"pretend (?:to be|that|you)",
    r"(?:play|take on|assume|adopt) the (?:role|persona)",
    r"role-?play",
    r"imagine (?:that )?you(?:'re| are)",
    r"you(?: will be| will act as|r name is)",
    r"(?:friend|companion|coach|tutor|mentor|therapist|assistant|chatbot|persona|character)s?",
    r"we(?:'ll| will| are going to) (?:play|talk|chat)",
    r"(?:conversation|chat|dialogue) (?:between|with)",
    r"talk (?:to|with) me",
    r"ask me",
    r"i will (?:give|provide|tell|ask|send|write|type|describe|share|say)",
    r"my first (?:request|question|sentence|message|suggestion|prompt|command|query)",
)
"""A role, a manner or a talk with somebody: its answers have the shape of talk."""
_LACK: Final = (
    r"(?:no|not|none|missing|unknown|unclear|unsure|cannot|lacks?|absent|empty|without|insufficient|neither|nothing|fails?"
    r"|doubt|fewer|ambiguous|impossible|too little|silent|contradicts?|invalid|unreadable|unanswered)"
)
WAY_OUT: Final = pattern(
    rf"(?i)\b(?:if|when|where|should)\b[^.\n]{{0,100}}(?:\b{_LACK}\b|n['\x{{2019}}]t\b)"
    r"|\b(?:null|unknown|n/a|not (?:stated|given|found|mentioned|specified|available|sure|known)|say so"
    r"|leave (?:it |them |the field )?(?:empty|blank|out)|empty (?:list|array|string)|omit|unclear|neutral"
    r"|mixed|otherwise"
    r"|none (?:of|if)|(?:or|use|answer|write) [\"'\x{201C}]?(?:other|none))\b"
)
