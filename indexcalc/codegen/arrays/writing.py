"""Steps as lines of Python: buffers made first, dead arrays written over."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from indexcalc.codegen.arrays.steps import Buffer, Operand, Step, Value, buffers


class Writer:
    """Lines for the steps of a function. `fresh` makes names that nothing else has."""

    def __init__(self, steps: list[Step], fresh: Callable[[str], str]) -> None:
        self.steps = steps
        self.homes = buffers(steps)
        self.fresh = fresh
        self.all = list(dict.fromkeys(self.homes.values()))
        self.all.sort(key=lambda home: min(home.spans))
        self.terms: dict[int, str] = {}
        for home in self.all:
            home.name = self.name_of(home)
        # What each name stands for while the lines are written.
        self.bound = {home.name: home for home in self.all}

    def name_of(self, home: Buffer) -> str:
        """That of the result in it, else of its first value."""
        for value in home.values:
            if value.kept:
                return value.target
        order = {step.result: at for at, step in enumerate(self.steps)}
        first = min(home.values, key=lambda value: order[value])
        leads = any(v.named and v.target == first.target for v in home.values)
        return first.target if leads else self.shown(first)

    def shown(self, value: Value) -> str:
        """What a value is called: what comes on the way to a tensor is its array, or a term."""
        home = self.homes[value]
        if value.named or home.name == value.target:
            return value.target
        if id(home) not in self.terms:
            count = len(self.terms) + 1
            self.terms[id(home)] = self.fresh("term" if count == 1 else f"term{count}")
        return self.terms[id(home)]

    def scratch(self) -> list[Buffer]:
        return [home for home in self.all if not home.kept]

    def lines(self) -> Iterable[str]:
        for step in self.steps:
            yield from self.of(step)

    def lasting(self, opening: Callable[[Buffer], str]) -> Iterable[str]:
        """The lines, each array made right before it is needed, and scratch let go after that."""
        waiting = list(self.all)
        for at, step in enumerate(self.steps):
            for home in [home for home in waiting if min(home.spans)[0] <= at]:
                waiting.remove(home)
                if text := opening(home):
                    yield text
            yield from self.of(step)
            done = [home for home in self.scratch() if self.end(home) == at]
            if done and at < len(self.steps) - 1:
                names = [name for name, home in self.bound.items() if home in done]
                yield f"del {', '.join(names)}"

    def end(self, home: Buffer) -> int:
        """The last step that needs an array."""
        reading = (at for at, s in enumerate(self.steps) if home in map(self.homes.get, s.reads))
        writing = (
            at for at, s in enumerate(self.steps) if s.result and self.homes[s.result] is home
        )
        return max((*reading, *writing))

    def of(self, step: Step) -> Iterable[str]:
        if step.result is None:
            yield step.call(self.texts(step.operands), "")
        elif step.whole:
            yield from self.statements(step, step.result)
        else:
            yield self.line(step, step.result)

    def statements(self, step: Step, result: Value) -> Iterable[str]:
        home, name = self.homes[result], self.shown(result)
        if self.bound.get(name) is not home:
            self.bound[name] = home
            yield f"{name} = {home.name}"
        yield from step.call([], name).splitlines()

    def texts(self, operands: Iterable[Operand]) -> list[str]:
        return [o.text if o.value is None else self.shown(o.value) for o in operands]

    def line(self, step: Step, result: Value) -> str:
        home, name = self.homes[result], self.shown(result)
        operands = list(step.operands)
        if step.operator in ("+", "*") and self.lies_in(operands[1], home):
            operands.reverse()
        texts = self.texts(operands)
        here = [text for o, text in zip(operands, texts, strict=True) if self.lies_in(o, home)]
        if self.bound.get(name) is home:
            if step.operator and texts[0] == name and self.lies_in(operands[0], home):
                return f"{name} {step.operator}= {texts[1]}"
            return step.call(texts, f", out={name}")
        self.bound[name] = home
        return f"{name} = {step.call(texts, f', out={here[0] if here else home.name}')}"

    def lies_in(self, operand: Operand, home: Buffer) -> bool:
        return operand.value is not None and self.homes[operand.value] is home
