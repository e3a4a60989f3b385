"""What people type never pings, formats, hides or breaks; what Vigil writes is always the same."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.kernel import limits
from bot.kernel.limits import fit, length
from bot.kernel.text import (
    channel,
    count_words,
    duration,
    escape,
    escape_html,
    message_link,
    person,
    plain,
    quote_block,
    role,
    sentence_list,
    slug,
    when,
    when_both,
)

NASTY = [
    "@everyone", "@here", "<@1>", "<@!12345678901234567>", "<@&9>", "<#5>", "<t:1:R>", "<:a:1>", "<a:b:2>", "</x:1>",
    "<id:customize>", "**", "__", "~~", "||", "`", "```", "\\", "[a](https://b.c)", "# ", "-# ", "> ", ">>> ", "- ",
    "1. ", "\n", "\r\n", "\u2028", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\u00ad", "e\u0301", "\u0489",
    "👩‍💻", "🏴\U000e0067\U000e007f", "שלום", "مرحبا", "\ud800", "\0", "\t", "https://a.b/*c*_d_|e|", "https://x/@everyone",
    "<https://a.b>", "\u3164", "&<>\"'", "a",
]  # fmt: skip
nasty = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=5)), max_size=30).map("".join)
anything = st.one_of(nasty, st.text(max_size=200))

PING = re.compile(r"@(?:everyone|here)|<@[!&]?\d+>", re.IGNORECASE)
TOKEN = re.compile(r"<(?:#|t:|a?:\w+:|/\w+:|id:)")
INVISIBLE = re.compile(
    "[\u200e\u200f\u202a-\u202e\u2060-\u2067\ufeff\u00ad\u3164\0-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]"
)
LINK = re.compile(r"https?://[^\s<>\u200b]+", re.IGNORECASE)


@given(anything, st.booleans())
@example("@\u200deveryone", True)
@example("<\u200b@1>", True)
@example("\\@everyone", True)
@example("https://x.y/@hereabouts", False)
def test_escaped_text_pings_nobody_formats_nothing_and_hides_nothing(text, one_line):
    shown = escape(text, one_line=one_line)
    assert not PING.search(shown)
    assert not TOKEN.search(shown)
    assert not INVISIBLE.search(shown)
    assert shown.count("\u2068") == shown.count("\u2069")
    if one_line:
        assert "\n" not in shown
    links_apart = LINK.sub(lambda link: re.sub("_", "", link.group()), shown)
    unescaped = re.sub(r"\\[^A-Za-z0-9\s]", "x", links_apart)
    assert not set(unescaped) & set("\\*_~`|[]")
    for line in unescaped.split("\n"):
        assert not re.match(r"\s*(#{1,3}|-#?|>(?:>>)?|\d+[.)])\s", line)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("snake_case *bold*", "snake\\_case \\*bold\\*"),
        ("@everyone look", "@\u200beveryone look"),
        ("<@123> and <#4>", "<\u200b@123> and <\u200b#4>"),
        ("[free](https://evil.example)", "\\[free\\](https://evil.example)"),
        ("see https://a.b/x_y", "see https://a.b/x_y"),
        ("two\nlines", "two lines"),
        ("\u202egnirts", "gnirts"),
        ("pay\u200bment", "payment"),
        ("# big", "\\# big"),
        ("1. list", "1\\. list"),
        ("alice@example.org", "alice@example.org"),
        ("a < b > c", "a < b > c"),
        ("שלום *x*", "\u2068שלום \\*x\\*\u2069"),
        ("👩‍💻", "👩‍💻"),
    ],
)
def test_escaped(text, shown):
    assert escape(text) == shown


def test_lines_are_kept_where_asked_for():
    assert escape("a\r\n\r\n\r\n\r\n# b\n> c", one_line=False) == "a\n\n\\# b\n\\> c"


def test_accents_are_kept_and_towers_are_not():
    assert plain("é e\u0301 Việt") == "é e\u0301 Việt"
    assert len(plain("z" + "\u0300" * 400)) < 10


@given(anything)
def test_plain_twice_is_plain_once(text):
    assert plain(plain(text)) == plain(text)
    plain(text).encode("utf-8")


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.words = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


@given(anything)
def test_html_keeps_text_text(text):
    reader = _Reader()
    reader.feed(f'<p title="{escape_html(text)}">{escape_html(text)}</p>')
    reader.close()
    words = plain(text, one_line=False)
    assert reader.tags == [("p", {"title": words})]
    assert reader.words == words


@given(anything, st.integers(min_value=-1, max_value=60))
@example("x" * 200, 1)
@example("👩‍💻" * 50, 11)
@example("\u2068" * 40 + "x" * 40, 20)
@example("e" + "\u0301" * 50, 10)
@example("\u0301" * 50, 10)
def test_fitted_text_never_exceeds(text, limit):
    fitted = fit(text, limit)
    assert length(fitted) <= max(limit, 0)
    if length(text) <= limit:
        assert fitted == text


@given(anything, st.integers(min_value=5, max_value=60))
def test_fitting_escaped_text_leaves_no_half(text, limit):
    shown = escape(text)
    fitted = fit(shown, limit)
    assert fitted.count("\u2068") == fitted.count("\u2069")
    if fitted != shown and "\\" in fitted:
        assert not re.sub(r"\\.", "", fitted.removesuffix("…")).endswith("\\")


@pytest.mark.parametrize(
    ("text", "limit", "fitted"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abcde…"),
        ("abcd fgh", 6, "abcd…"),
        ("ab😀😀", 5, "ab😀…"),
        ("abce\u0301xyz", 5, "abc…"),
        ("a👍🏽bcd", 4, "a…"),
        ("hello <@123456>", 12, "hello…"),
        ("hello <t:123456:R>", 14, "hello…"),
        ("ab\\*cd", 4, "ab…"),
        ("ab\\\\cd", 5, "ab\\\\…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_fit(text, limit, fitted):
    assert fit(text, limit) == fitted


AT = datetime(2026, 1, 14, 14, 30, tzinfo=UTC)


def test_times_people_and_places():
    assert when(AT, "R") == "<t:1768401000:R>"
    assert when_both(AT) == "<t:1768401000:t> (<t:1768401000:R>)"
    assert (person(1), role(2), channel(3)) == ("<@1>", "<@&2>", "<#3>")
    assert message_link(1, 2, 3) == "https://discord.com/channels/1/2/3"
    with pytest.raises(ValueError, match="zone"):
        when(datetime(2026, 1, 14))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "less than a minute"),
        (-5, "less than a minute"),
        (0.99, "less than a minute"),
        (1, "1 minute"),
        (45, "45 minutes"),
        (59.9, "59 minutes"),
        (60, "1 hour"),
        (80, "1 h 20 min"),
        (120, "2 hours"),
        (24 * 60, "1 day"),
        (25 * 60, "25 hours"),
        (25 * 60 + 5, "25 h 5 min"),
        (48 * 60, "2 days"),
        (76 * 60, "3 d 4 h"),
        (14 * 24 * 60, "14 days"),
    ],
)
def test_durations(minutes, words):
    assert duration(timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("title", "made"),
    [
        ("API timeouts", "api-timeouts"),
        ("Terra Atlas: can't log in!!", "terra-atlas-cant-log-in"),
        ("Überlauf — Straße", "uberlauf-strae"),
        ("🔥🔥", ""),
        ("@everyone", "everyone"),
        ("", ""),
        ("x" * 300, "x" * 40),
        ("one two three four five six seven eight nine ten", "one-two-three-four-five-six-seven-eight"),
    ],
)
def test_slugs(title, made):
    assert slug(title) == made


@given(anything, st.integers(min_value=1, max_value=90))
def test_a_slug_is_always_a_channel_name(text, limit):
    assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?", slug(text, limit))
    assert len(slug(text, limit)) <= limit


def test_small_words():
    assert quote_block("a\nb") == "> a\n> b"
    assert count_words("still working on it …") == 4
    assert [sentence_list(list("abc"[:n])) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert limits.length("a😀") == 3
