"""What is started under kills: a workflow for each way in which a run can lie between two steps."""


def definitions(service: str) -> dict[str, dict]:
    """One workflow for each way in which a run can lie between two steps."""

    def effect(path: str = "/effect", **more) -> dict:
        request = {"method": "POST", "url": service + path, "circuit_breaker": False}
        retry = {"max_retries": 8, "initial_delay": 0.05, "max_delay": 0.2}
        task = {"component": "http", "action": "request", "input": request, "retry_policy": retry}
        return task | more

    chain = {"s0": effect()}
    for step in range(1, 5):
        chain[f"s{step}"] = effect(depends_on=[f"s{step - 1}"])
    chain["s2"] = {"type": "wait", "duration": 0.1, "depends_on": ["s1"]}
    each = {"type": "map", "items": [1, 2, 3, 4], "do": {"work": effect()}}
    call = {"type": "subworkflow", "workflow": "kill-chain"}
    ask = {"type": "approval", "title": "May it?"}
    go = {"type": "event", "event": "go"}
    paid = {"type": "event", "event": "paid", "correlation": "${input.group}"}
    enter = effect("/enter/${input.lock}")
    stay = {"type": "wait", "duration": 0.01, "depends_on": ["enter"]}
    leave = effect("/leave/${input.lock}", depends_on=["stay"])
    within = {"enter": enter, "stay": stay, "leave": leave}
    alone = {"type": "critical", "key": "kill/${input.lock}", "do": within}
    hook = effect("/hook", type="webhook")
    hook["input"]["body"] = {"callback": "${callback.url}"}
    del hook["component"], hook["action"]
    pay = effect("/refuse/1", on_error="incident", retry_policy={"max_retries": 0})
    return {
        "kill-chain": {"tasks": chain},
        "kill-fan": {"tasks": {"each": each, "join": effect(depends_on=["each"])}},
        "kill-retry": {"tasks": {"busy": effect("/refuse/3"), "then": effect(depends_on=["busy"])}},
        "kill-parent": {"tasks": {"call": call, "then": effect(depends_on=["call"])}},
        "kill-ask": {"tasks": {"ask": ask, "then": effect(depends_on=["ask"])}},
        "kill-event": {"tasks": {"go": go, "then": effect(depends_on=["go"])}},
        "kill-broadcast": {"tasks": {"paid": paid, "then": effect(depends_on=["paid"])}},
        "kill-lock": {"tasks": {"alone": alone, "then": effect(depends_on=["alone"])}},
        "kill-hook": {"tasks": {"hook": hook, "then": effect(depends_on=["hook"])}},
        "kill-incident": {"tasks": {"pay": pay, "then": effect(depends_on=["pay"])}},
        "kill-undo": {
            "tasks": {
                "book": effect(compensate=effect()),
                "stop": {
                    "type": "fail",
                    "depends_on": ["book"],
                    "error": {"code": "no", "message": "no"},
                },
            }
        },
    }


# Which task follows which: no effect of the second before the end of the first was durable.
FOLLOWS = {
    "kill-chain": [("s0", "s1"), ("s1", "s3"), ("s3", "s4")],
    "kill-fan": [(f"each[{i}]/work", "join") for i in range(4)],
    "kill-retry": [("busy", "then")],
    "kill-undo": [("book", "book.compensate")],
    "kill-lock": [("alone/enter", "alone/leave"), ("alone/leave", "then")],
    "kill-hook": [("hook", "then")],
    "kill-incident": [("pay", "then")],
}

# Tasks that ask nobody outside.
WITHOUT_EFFECT = {"each", "call", "ask", "go", "paid", "alone", "alone/stay"}
WAITS = {"kill-chain": {"s2"}}


def input_of(key: str) -> dict:
    """What a start with this key is given. Ten keys are of one group, and hear the same events."""
    return {"key": key, "group": key[:-1], "lock": f"lock{sum(key.encode()) % 2}"}


def has_effect(workflow: str, path: str) -> bool:
    return path not in WITHOUT_EFFECT | WAITS.get(workflow, set())
