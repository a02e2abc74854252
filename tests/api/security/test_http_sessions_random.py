"""HTTP sessions, used and left in every order: none outlives its time, and nothing of one stays behind."""

import itertools

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bridge.api.security.http_sessions import MAX_PER_USER, HttpSession, HttpSessions, MemoryHttpSessionStore
from bridge.directory.model import User
from bridge.runtime.clock import HeldClock
from tests.api.security.harness import user

IDLE, LONGEST = 100.0, 250.0
USERS = [user(name) for name in ("ann", "bob", "carl")]


class HttpSessionsMachine(RuleBasedStateMachine):
    """Compares the sessions with a list that keeps them all and knows only the rules."""

    def __init__(self) -> None:
        super().__init__()
        ids = itertools.count()
        self.clock = HeldClock(1000.0)
        self.store = MemoryHttpSessionStore()
        self.sessions = HttpSessions(self.clock, lambda: str(next(ids)), IDLE, LONGEST, self.store)
        self.all: list[HttpSession] = []
        self.opened: dict[str, float] = {}
        self.used: dict[str, float] = {}
        self.ended: set[str] = set()

    def lives(self, session: HttpSession) -> bool:
        now = self.clock.now()
        in_time = now - self.used[session.id] <= IDLE and now - self.opened[session.id] <= LONGEST
        return in_time and session.id not in self.ended

    def of_user(self, user_id: str) -> list[HttpSession]:
        return [each for each in self.all if each.user.id == user_id and self.lives(each)]

    @rule(who=st.sampled_from(USERS), count=st.sampled_from([1, 2, MAX_PER_USER]))
    def create_sessions(self, who: User, count: int) -> None:
        for _ in range(count):
            mine = self.of_user(who.id)
            session = self.sessions.create(who)
            if len(mine) == MAX_PER_USER:
                (gone,) = (each for each in mine if self.store.get(each.id) is None)
                assert self.used[gone.id] == min(self.used[each.id] for each in mine)
                self.ended.add(gone.id)
            self.all.append(session)
            self.opened[session.id] = self.used[session.id] = self.clock.now()

    @rule(data=st.data())
    def touch_session(self, data: st.DataObject) -> None:
        if self.all:
            session = data.draw(st.sampled_from(self.all))
            alive = self.lives(session)
            assert (self.sessions.touch(session.id, self.clock.now()) is session) == alive
            if alive:
                self.used[session.id] = self.clock.now()

    @rule(data=st.data())
    def end_session(self, data: st.DataObject) -> None:
        if self.all:
            session = data.draw(st.sampled_from(self.all))
            self.sessions.end(session)
            self.ended.add(session.id)

    @rule(who=st.sampled_from(USERS))
    def end_all_of_user(self, who: User) -> None:
        self.sessions.end_user_sessions(who.id)
        self.ended.update(each.id for each in self.all if each.user.id == who.id)

    @rule(seconds=st.sampled_from([0.5, 1, 30, 99, 100, 101, 251]))
    def advance_clock(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @invariant()
    def only_living_sessions_are_kept(self) -> None:
        kept = set(self.store._by_use)
        alive = {each.id for each in self.all if self.lives(each)}
        assert alive <= kept
        now = self.clock.now()
        late = [each for each in kept - alive if now - self.used[each] > IDLE + 1]
        assert late == []  # swept within a second
        assert set(self.store._by_creation) == kept
        by_user = {each for mine in self.store._by_user.values() for each in mine}
        assert by_user == kept
        assert all(self.store._by_user.values())


TestSessions = HttpSessionsMachine.TestCase
