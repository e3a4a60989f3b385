"""Whatever people type, a finished payload is one that Discord takes, and pings only whom it names."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.kernel.checks import check, check_modal
from bot.kernel.custom_ids import CustomId
from bot.kernel.message import (
    Button,
    Embed,
    EmbedField,
    Message,
    Modal,
    ModalCheckboxes,
    ModalChoice,
    ModalSelect,
    ModalText,
    Select,
    SelectOption,
    TextInput,
    custom_id,
    parse_custom_id,
    submitted,
)

words = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", " ", "x" * 4000, "😀" * 4000, "e\u0301" * 2000, "<@1>" * 1000, "\n" * 4000, "\\" * 4000]),
)
names = st.text(alphabet="abcdefghijklmnopqrstuvwxyz_.", min_size=1, max_size=20)
subjects = st.text(alphabet="abzABZ019_-", min_size=1, max_size=30)


@given(names, subjects, st.none() | subjects)
def test_custom_ids_come_back(action, subject, arg):
    made = custom_id(action, subject, arg)
    assert parse_custom_id(made) == CustomId(action, subject, arg)
    assert len(made) <= 100


@pytest.mark.parametrize(
    ("action", "subject", "arg"),
    [
        ("", "1", None),
        ("Ack", "1", None),
        ("ack", "", None),
        ("ack", "a:b", None),
        ("ack:a", "b", None),
        ("ack", "1", "ü"),
        ("ack", "1", ""),
        ("ack", "1\n", None),
        ("a", "x" * 100, None),
    ],
)
def test_what_is_no_custom_id_is_not_made(action, subject, arg):
    with pytest.raises(ValueError, match="custom id"):
        custom_id(action, subject, arg)


@pytest.mark.parametrize("text", ["", "v1:ack", "v2:ack:1", "v1:ack:1:2:3", "v1:ack:1 ", "v1:ack:1\n", "other"])
def test_foreign_custom_ids_are_none_of_ours(text):
    assert parse_custom_id(text) is None


embeds = st.builds(
    Embed,
    title=st.none() | words,
    description=st.none() | words,
    fields=st.lists(st.builds(EmbedField, words, words), max_size=30).map(tuple),
    footer=st.none() | words,
    colour=st.none() | st.just(0x123456),
    timestamp=st.none() | st.just(datetime(2026, 1, 1, tzinfo=UTC)),
)
ids = st.lists(st.integers(min_value=10**16, max_value=10**19), max_size=150).map(tuple)


@st.composite
def rows(draw):
    """Rows with custom ids of their own and any number of parts."""
    number = iter(range(10_000))

    def part():
        subject = next(number)
        kind = draw(st.sampled_from(["button", "link", "string", "user", "role", "channel", "mentionable"]))
        if kind == "button":
            return Button(draw(words), "act", subject, disabled=draw(st.booleans()))
        if kind == "link":
            return Button(draw(words), url="https://example.org")
        options = tuple(
            SelectOption(draw(words), str(n), draw(words), default=True) for n in range(draw(st.integers(0, 30)))
        )
        return Select(
            kind,
            "pick",
            subject,
            draw(words),
            options if kind == "string" else (),
            min=draw(st.integers(0, 40)),
            max=draw(st.integers(0, 40)),
            defaults=() if kind == "string" else tuple(range(draw(st.integers(0, 40)))),
        )

    return tuple(tuple(part() for _ in range(draw(st.integers(0, 7)))) for _ in range(draw(st.integers(0, 7))))


@settings(max_examples=40, deadline=None)
@given(st.builds(Message, words, st.lists(embeds, max_size=12).map(tuple), rows(), ids, ids, st.booleans()))
@example(Message())
@example(Message("x" * 4000, ping_users=tuple(range(10**18, 10**18 + 150)), ping_roles=(1, 2)))
@example(
    Message(
        "x" * 4000,
        tuple(
            Embed("t" * 4000, "d" * 4000, tuple(EmbedField("n" * 100, "v" * 4000) for _ in range(25)), "f" * 4000)
            for _ in range(10)
        ),
    )
)
def test_a_message_is_always_one_that_discord_takes(message):
    payload = message.payload()
    assert check(payload) == []
    assert payload["allowed_mentions"]["parse"] == []
    assert set(payload["allowed_mentions"]["users"]) <= {str(one) for one in message.ping_users}
    assert set(payload["allowed_mentions"]["roles"]) <= {str(one) for one in message.ping_roles}


def test_a_message_in_full():
    payload = Message(
        "<@7> please look",
        (Embed("T", "D", (EmbedField("N", "V", inline=True),), "F", 0xFF0000, datetime(2026, 1, 1, tzinfo=UTC)),),
        ((Button("I have it", "incident.ack", 42, style="success"), Button("Docs", url="https://x.y")),),
        ping_users=(7,),
        silent=True,
    ).payload()
    assert payload == {
        "content": "<@7> please look",
        "embeds": [
            {
                "title": "T",
                "description": "D",
                "fields": [{"name": "N", "value": "V", "inline": True}],
                "footer": {"text": "F"},
                "color": 0xFF0000,
                "timestamp": "2026-01-01T00:00:00+00:00",
            }
        ],
        "components": [
            {
                "type": 1,
                "components": [
                    {"type": 2, "label": "I have it", "style": 3, "custom_id": "v1:incident.ack:42"},
                    {"type": 2, "label": "Docs", "style": 5, "url": "https://x.y"},
                ],
            }
        ],
        "allowed_mentions": {"parse": [], "users": ["7"], "roles": [], "replied_user": False},
        "flags": 4096,
    }


def test_whom_it_pings_is_in_the_words_even_when_these_are_cut():
    payload = Message("x" * 3000 + "<@5>", ping_users=(5, 6), ping_roles=(9,)).payload()
    assert payload["content"].startswith("<@5> <@6> <@&9> xxx")
    assert len(payload["content"]) <= 2000


def test_a_mention_that_nobody_chose_pings_nobody():
    payload = Message("<@5> @everyone").payload()
    assert payload["allowed_mentions"] == {"parse": [], "users": [], "roles": [], "replied_user": False}


def test_an_edit_clears_what_was_there():
    payload = Message("done").payload()
    assert (payload["embeds"], payload["components"]) == ([], [])
    assert "flags" not in payload


def test_a_long_row_goes_on_in_the_next_and_a_select_stands_alone():
    buttons = tuple(Button(str(n), "act", n) for n in range(7))
    select = Select("user", "pick", 1)
    made = Message("x", rows=((*buttons, select),)).payload()["components"]
    assert [len(row["components"]) for row in made] == [5, 2, 1]


def test_defaults_of_selects():
    string = Select("string", "pick", 1, options=(SelectOption("A", "a"), SelectOption("B", "b")), defaults=("b",))
    assert string.payload()["options"] == [{"label": "A", "value": "a"}, {"label": "B", "value": "b", "default": True}]
    user = Select("user", "pick", 1, defaults=(7,), max=3, channel_types=(0,))
    assert user.payload()["default_values"] == [{"id": "7", "type": "user"}]
    assert "channel_types" not in user.payload()


fields = st.lists(
    st.one_of(
        st.builds(
            TextInput,
            key=st.just("text"),
            label=words,
            description=st.none() | words,
            style=st.sampled_from(["short", "paragraph"]),
            value=st.none() | words,
            required=st.booleans(),
            min=st.none() | st.integers(0, 5000),
            max=st.none() | st.integers(1, 5000),
            placeholder=st.none() | words,
        ),
        st.builds(
            ModalSelect,
            key=st.just("select"),
            label=words,
            kind=st.sampled_from(["user", "role", "channel", "mentionable"]),
            placeholder=words,
            required=st.booleans(),
            max=st.integers(0, 40),
            defaults=st.lists(st.integers(1, 100), max_size=40).map(tuple),
        ),
        st.builds(
            ModalCheckboxes,
            key=st.just("boxes"),
            label=words,
            options=st.lists(st.builds(SelectOption, words, words, words), min_size=1, max_size=30).map(tuple),
            required=st.booleans(),
        ),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda field: field.key,
).map(tuple)


@settings(max_examples=40, deadline=None)
@given(words, fields)
def test_a_modal_is_always_one_that_discord_takes(title, shown):
    assert check_modal(Modal(title, "ask", 1, shown).payload()) == []


def test_a_modal_in_full():
    payload = Modal(
        "Declare",
        "incident.declare",
        "new",
        (
            ModalText("Hello"),
            TextInput("title", "What happened?", value="x" * 300, max=100, min=2),
            ModalSelect(
                "severity", "How bad?", options=(SelectOption("SEV-0", "SEV-0"), SelectOption("SEV-1", "SEV-1"))
            ),
            ModalChoice("kind", "Kind", (SelectOption("a", "a"), SelectOption("b", "b")), default="b"),
            ModalSelect("lead", "Lead", "user", required=False, defaults=(5,)),
        ),
        arg="x",
    ).payload()
    assert payload["custom_id"] == "v1:incident.declare:new:x"
    text, title, severity, kind, lead = payload["components"]
    assert text == {"type": 10, "content": "Hello"}
    assert title["type"] == 18
    assert title["component"]["type"] == 4
    assert title["component"]["value"] == "x" * 99 + "…"
    assert (severity["component"]["type"], severity["component"]["required"]) == (3, True)
    assert kind["component"]["type"] == 21
    assert kind["component"]["options"][1]["default"]
    assert (lead["component"]["type"], lead["component"]["min_values"]) == (5, 0)
    assert check_modal(payload) == []


def test_a_prefill_too_short_for_the_field_is_left_out():
    made = TextInput("a", "A", value="x", min=5).payload()
    assert "value" not in made["component"]


def test_a_modal_of_six_fields_is_a_mistake_of_ours():
    six = tuple(TextInput(str(n), "x") for n in range(6))
    with pytest.raises(ValueError, match="not 6"):
        Modal("x", "ask", 1, six).payload()
    with pytest.raises(ValueError, match="not 0"):
        Modal("x", "ask", 1, ()).payload()


def test_what_was_submitted_is_found_by_its_key():
    sent = [
        {"type": 18, "component": {"type": 4, "custom_id": "title", "value": "API down"}},
        {"type": 18, "component": {"type": 5, "custom_id": "lead", "values": [7]}},
        {"type": 1, "components": [{"type": 4, "custom_id": "old", "value": None}]},
        {"type": 10},
    ]
    assert submitted(sent) == {"title": "API down", "lead": ["7"], "old": ""}


def row(*parts):
    return {"components": [{"type": 1, "components": list(parts)}]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"content": "x" * 2001}, "content has 2001 of 2000"),
        ({"content": " "}, "the message is empty"),
        ({"content": "\ud800"}, "half a character"),
        ({"embeds": [{}]}, "embed 0 is empty"),
        ({"embeds": [{"title": "x" * 257}]}, "title has 257"),
        ({"embeds": [{"description": "x" * 4000}] * 2}, "together"),
        ({"embeds": [{"title": "x", "fields": [{"name": "", "value": "x"}]}]}, "field 0 name is empty"),
        ({"allowed_mentions": None}, "allowed_mentions is missing"),
        ({"allowed_mentions": {"parse": ["users"]}}, "parses"),
        (row(), "no filled row"),
        (row({"type": 2, "style": 1, "label": "", "custom_id": "a"}), "label is empty"),
        (row(*[{"type": 2, "style": 1, "label": "x", "custom_id": "a"}] * 2), "twice"),
        (row(*[{"type": 2, "style": 5, "label": "x", "url": "https://x.y"}] * 6), "6 buttons"),
        (row({"type": 3, "custom_id": "a", "options": []}), "0 options"),
    ],
)
def test_the_check_finds_what_discord_would_refuse(change, said):
    payload = {"content": "x", "allowed_mentions": {"parse": []}} | change
    assert any(said in line for line in check(payload)), check(payload)
