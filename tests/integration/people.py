"""People and systems who come to runs that wait: what they were told must be there in the end."""

PAUSES = {"workflow_paused": True, "workflow_resumed": False}
# What ends the task of an incident, by what the operator chose.
ENDS_INCIDENT = {
    "complete": "task_completed",
    "skip": "task_skipped",
    "fail": "task_failed",
    "retry": "task_completed",
}


class People:
    """A part of the Observer (outside.py)."""

    # --- What they do -----------------------------------------------------------------------------

    def pause(self, run: str):
        told = self.runs[run]
        told.pauses += 1
        answer = self.call("POST", f"/api/executions/{run}/pause")
        told.pauses += 1
        told.paused = bool(answer) and answer[0] == 200
        self.numbers["pauses acknowledged"] += told.paused
        # Also what was not answered may be paused.
        if answer is None or answer[0] != 409:
            self.paused.append(run)

    def resume(self, run: str) -> bool:
        """Whether it goes on, or has ended."""
        told = self.runs[run]
        told.pauses += 1
        told.paused = False
        answer = self.call("POST", f"/api/executions/{run}/resume")
        self.numbers["resumes acknowledged"] += bool(answer) and answer[0] == 200
        return bool(answer) and answer[0] in (200, 409)

    def resume_one(self):
        """The one that was paused first: who holds a lock does not keep it for long. Others stay
        paused over several kills."""
        with self.lock:
            run = self.paused.popleft() if self.paused else None
        if run is None:
            return
        stays = len(self.paused) < 8 and self.runs[run].workflow != "kill-lock"
        if stays or not self.resume(run):
            self.paused.append(run)

    def resume_most(self):
        """The load is over. Some stay paused, which must be so in the end."""
        for number, run in enumerate(dict.fromkeys(self.paused)):
            told = self.runs[run]
            stays = told.paused and number % 3 == 0 and told.workflow != "kill-lock"
            if not stays and not self.resume(run):
                self.fail(f"{run} can't be resumed")
        self.paused.clear()

    def publish_to_group(self, run: str, *_):
        """An event for each run of the group that waits, or will."""
        group = self.runs[run].key[:-1]
        body = {"name": "paid", "id": group, "correlation": group}
        answer = self.call("POST", "/api/events", body)
        self.numbers["events sent"] += 1
        if answer and answer[0] == 200:
            self.numbers["events acknowledged"] += 1
            with self.lock:
                self.published.add(group)

    def call_back(self, run: str, _, dice):
        path = self.service.callbacks.get(run)
        if path is None:
            return
        number = dice.randrange(1_000_000)
        answer = self.call("POST", path, {"n": number})
        if answer and answer[0] == 202:
            self.numbers["callbacks acknowledged"] += 1
            if self.runs[run].called_back is not None:
                self.fail(f"{run}: a second callback was accepted")
            self.runs[run].called_back = number

    def resolve(self, run: str, _, dice):
        action = dice.choice(["retry", "retry", "complete", "skip", "fail"])
        number = dice.randrange(1_000_000)
        body = {"action": action}
        if action == "complete":
            body["output"] = {"n": number}
        answer = self.call("POST", f"/api/executions/{run}/tasks/pay/resolve", body)
        if answer and answer[0] == 200:
            self.numbers["incidents resolved"] += 1
            if self.runs[run].resolved:
                self.fail(f"{run}: a second answer to its incident was accepted")
            self.runs[run].resolved = (action, number)

    # --- What must come of it ---------------------------------------------------------------------

    def check_paused(self, run: str, events: list[dict]):
        """It was acknowledged, and nobody has resumed it."""
        states = [PAUSES[e["event_type"]] for e in events if e["event_type"] in PAUSES]
        ended = events[-1]["event_type"] == "workflow_canceled"
        if not ended and not (states and states[-1]):
            self.fail(f"{run} was paused, and is not")

    def check_people(self, run: str, told, status: str, events: list[dict]):
        if told.paused and status not in ("paused", "canceled"):
            self.fail(f"{run}: the pause was acknowledged, and it is {status}")
        self.check_pauses(run, events)
        self.check_event(run, told, status, events)
        self.check_callback(run, told, status, events)
        self.check_incident(run, told, status, events)

    def check_pauses(self, run: str, events: list[dict]):
        paused = False
        for event in events:
            paused = PAUSES.get(event["event_type"], paused)
            if paused and event["event_type"] == "task_started":
                self.fail(f"{run}: {event['task_id']} has begun while it was paused")

    def check_event(self, run: str, told, status: str, events: list[dict]):
        if told.workflow != "kill-broadcast":
            return
        received = [e for e in events if e["event_type"] == "signal_received"]
        if len(received) > 1:
            self.fail(f"{run} has received its event {len(received)} times")
        if told.key[:-1] not in self.published or status == "canceled":
            return
        if not received:
            self.fail(f"{run}: the event of its group was acknowledged and is lost")
        if status != "paused" and "paid" not in told.completed:
            self.fail(f"{run} has received what it waits for, and waits")

    def check_callback(self, run: str, told, status: str, events: list[dict]):
        if told.called_back is None or status == "canceled":
            return
        found = self.end_of("hook", events)
        if found is None or found["details"]["output"]["callback"] != {"n": told.called_back}:
            self.fail(f"{run}: callback {told.called_back} was acknowledged; it has {found}")

    def check_incident(self, run: str, told, status: str, events: list[dict]):
        if told.resolved is None:
            return
        action, number = told.resolved
        found = self.end_of("pay", events)
        if action == "retry" and status in ("canceled", "paused"):
            return
        if found is None or found["event_type"] != ENDS_INCIDENT[action]:
            self.fail(f"{run}: {action} of an incident was acknowledged; it has {found}")
        elif action == "complete" and found["details"]["output"] != {"n": number}:
            self.fail(f"{run}: it was completed with {number}, and has {found}")

    @staticmethod
    def end_of(task: str, events: list[dict]) -> dict | None:
        ends = set(ENDS_INCIDENT.values())
        found = [e for e in events if e["task_id"] == task and e["event_type"] in ends]
        return found[-1] if found else None
