"""The road of one customer record, from lawful collection to proven destruction, over HTTP, with its people.

Each step says who did what and what came back, and stops the walk where something is not as promised.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cli.http import Answer, Refusal
from demo.cast import Cast, hold, refused, states, until
from demo.ending import Ending
from demo.telling import Act, Line

NOTICE = "2026-1"
FIELDS = {
    "basic.name": "星澜贸易有限公司",
    "basic.region": "澄州",
    "contact.person": "李雪梅",
    "contact.mobile": "19900001234",
    "contact.email": "li.xuemei@example.com",
    "contact.address": "澄州市青榆路12号",
}
LETTER = b"Please note my new number from today on."
CONSENT = {"purpose": "service", "notice": NOTICE, "channel": "counter", "kind": "simple"}


@dataclass
class Road:
    """The walk. Its acts share what earlier ones found: the record, requests, grants."""

    cast: Cast
    record: str = ""
    grant: str = ""
    certificate: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def values(self) -> list[str]:
        """What must be found nowhere outside of the record."""
        return [*FIELDS.values(), "19900005678"]

    def acts(self) -> list[Act]:
        """The acts in their order, with their titles."""
        return [
            (("Lawful collection", "依法收集"), self.collect),
            (("Approval by somebody else", "他人审批"), self.approve),
            (("Reading without a right", "无权限查阅"), self.look),
            (("Asking to view", "申请查阅"), self.ask),
            (("What a grant opens, and what not", "授权的边界"), self.use_grant),
            (("A change the customer asked for", "客户要求的变更"), self.change),
            (("Lending", "借阅"), self.lend),
            (("Return", "归还"), self.bring_back),
            *Ending(self).acts(),
        ]

    # ------------------------------------------------------------------ collection and approval

    def collect(self) -> Iterator[Line]:
        """A clerk creates a record; without consent or purpose it is refused."""
        zheng = self.cast["zheng"]
        whole: dict[str, Any] = {"class": "company.customer", "fields": FIELDS, "consents": [CONSENT]}
        bare: dict[str, Any] = {"class": "company.customer", "fields": FIELDS}
        no = refused(lambda: zheng.post("/v1/records", bare), 422, "purpose.missing")
        yield Line("zheng", "creates a record without naming a purpose", "未说明用途建档", f"{no.status} {no.code}")
        no = refused(lambda: zheng.post("/v1/records", {**bare, "purposes": ["service"]}), 403, "consent.missing")
        yield Line("zheng", "creates it without the customer's consent", "未取得客户同意建档", f"{no.status} {no.code}")
        wrong: dict[str, Any] = {**whole, "fields": {**FIELDS, "contact.mobile": "1990000"}}
        no = refused(lambda: zheng.post("/v1/records", wrong), 422, "phone.invalid")
        yield Line(
            "zheng", "mistypes the mobile number", "手机号录入有误", f"{no.status} {no.problem['errors'][0]['pointer']}"
        )
        try:
            made = zheng.post("/v1/records", whole)
        except Refusal as likely:
            hold(likely.code == "record.likely_duplicate", f"the record is taken in, not refused as {likely.code}")
            yield Line("zheng", "is told who looks the same", "系统提示疑似重复", f"{likely.status} {likely.code}")
            made = zheng.post("/v1/records", {**whole, "duplicates": _another(likely)})
        self.record = made["id"]
        hold(made["state"] == "pending" and made.status in (201, 202), "a new record waits for approval")
        yield Line("zheng", "creates it with consent and purpose", "凭同意与用途建档", f"{made.status} {made['state']}")

    def approve(self) -> Iterator[Line]:
        """It becomes valid only when somebody else approves."""
        request = self.request_of("create", self.record)
        no = refused(lambda: self.decide("zheng", request), 403)
        yield Line("zheng", "approves the own record", "自行批准", f"{no.status} {no.code}")
        self.decide("he", request)
        record = until(lambda: self.read("he", "basic.name", purpose="archive_use")["state"] == "active", "activation")
        hold(record, "the record is active")
        number = self.read("he", "basic.name", purpose="archive_use")["number"]
        yield Line("he", "approves as archivist", "档案管理员批准", f"active, {number}")

    # ------------------------------------------------------------------ governed reading

    def look(self) -> Iterator[Line]:
        """Another department sees general fields, protected ones masked, and what could lift it."""
        seen = self.read("sun")
        hold(seen["fields"]["basic.name"]["value"] == FIELDS["basic.name"], "a general field is clear")
        mobile = seen["fields"]["contact.mobile"]
        hold(mobile["state"] == "masked" and mobile["value"].endswith("1234"), "a protected field is masked")
        hold(mobile["reason"]["request_kind"] == "view", "the request that could lift it is named")
        hold(FIELDS["contact.mobile"] not in str(seen), "nothing protected is in the answer")
        reason = mobile["reason"]
        told = f"name clear, mobile {mobile['value']} ({reason['code']}; ask: {reason['request_kind']})"
        yield Line("sun", "of Sales reads it", "销售部查阅", told)

    def ask(self) -> Iterator[Line]:
        """She asks to view; her head and the record's head approve; she cannot approve herself."""
        asked = {"kind": "view", "records": [self.record], "fields": ["contact.mobile"], "purpose": "service"}
        no = refused(lambda: self.cast["sun"].post("/v1/requests", {**asked, "reason": "."}), 422)
        yield Line("sun", "asks to view the mobile without a reason", "申请查阅但未写理由", f"{no.status} {no.code}")
        raised = self.cast["sun"].post("/v1/requests", {**asked, "reason": "return the customer's call"})
        request = raised["request"]
        yield Line("sun", "asks with a reason", "说明理由后申请", f"{raised.status} chain {_chain(raised)}")
        no = refused(lambda: self.decide("sun", request), 403)
        yield Line("sun", "approves the own request", "自行批准", f"{no.status} {no.code}")
        self.decide("liu", request)
        settled = self.decide("wu", request)
        hold(settled["state"] == "approved", "both heads make it an approval")
        self.grant = settled["grants"][0]
        yield Line(
            "liu, wu", "approve: her head, then the record's", "本部门与所属部门负责人批准", f"grant {self.grant[:8]}…"
        )

    def use_grant(self) -> Iterator[Line]:
        """The grant opens these fields, for this purpose, for this person, until its end; nothing else."""
        clear = self.read("sun", "contact.mobile")["fields"]["contact.mobile"]
        hold(clear.get("value", "").endswith("19900001234"), "the grant opens the field at once")
        yield Line("sun", "reads the mobile for customer service", "为客户服务查阅手机", clear["state"])
        other = states(self.read("sun", "contact.email"))["contact.email"]
        hold(other != "clear", "another field stays shut")
        yield Line("sun", "reads the e-mail with it", "查阅邮箱", other)
        no = refused(lambda: self.read("sun", "contact.mobile", purpose="pleasure"), 422, "purpose.unknown")
        yield Line("sun", "reads for a purpose that does not exist", "换成不存在的用途", f"{no.status} {no.code}")
        ads = self.read("sun", "contact.mobile", purpose="marketing")["fields"]["contact.mobile"]
        hold(ads["state"] == "withheld" and ads["reason"]["code"] == "consent.missing", "no consent, no use")
        yield Line(
            "sun",
            "reads for marketing, never consented to",
            "换成客户未同意的用途",
            f"withheld, {ads['reason']['code']}",
        )
        qian = states(self.read("qian", "contact.mobile"))["contact.mobile"]
        hold(qian != "clear", "another person gets nothing from it")
        yield Line("qian", "reads with sun's grant", "他人使用该授权", qian)
        self.advance("P1DT1M")
        late = states(self.read("sun", "contact.mobile"))["contact.mobile"]
        hold(late != "clear", "past its end the grant opens nothing")
        yield Line("sun", "reads a minute past the grant's end", "授权到期一分钟后", late)

    # ------------------------------------------------------------------ change

    def change(self) -> Iterator[Line]:
        """The customer asks for a change; it is verified and approved; history shows old, new, who, why."""
        version = self.read("zheng", "contact.mobile")["version"]
        body = {
            "fields": {"contact.mobile": "19900005678"},
            "reason": "customer's letter of today",
            "requested_by": "staff",
        }
        at = {"If_Match": f'"{version}"'}
        no = refused(lambda: self.cast["zheng"].patch(f"/v1/records/{self.record}", body, **at), 403)
        yield Line("zheng", "changes the mobile by himself", "擅自更改手机", f"{no.status} {no.code}")
        asked = {**body, "requested_by": "customer", "evidence": ["customer_request"]}
        no = refused(lambda: self.cast["zheng"].patch(f"/v1/records/{self.record}", asked), 428)
        yield Line("zheng", "forgets the version", "未带版本号", f"{no.status} {no.code}")
        no = refused(lambda: self.cast["zheng"].patch(f"/v1/records/{self.record}", asked, **at), 422)
        yield Line("zheng", "names a letter that is not on file", "所称来函未归档", f"{no.status} {no.code}")
        form = {"kind": "customer_request", "form": "original", "signed_by": "customer"}
        letter = self.cast["zheng"].upload(f"/v1/records/{self.record}/documents", form, "letter.txt", LETTER)
        yield Line("zheng", "files the customer's letter", "提交客户来函", f"document {letter['id'][:8]}…")
        proposed = self.cast["zheng"].patch(f"/v1/records/{self.record}", asked, **at)
        hold(proposed.status == 202, "the change waits")
        path = f"/v1/records/{self.record}/changes/{proposed['change']}?purpose=service"
        shown = until(lambda: self.seen("wu", path), "the change to be shown to who decides")
        yield Line("wu", "sees what would change", "查看拟变更内容", f"…{shown['old'][-4:]} → …{shown['new'][-4:]}")
        request = self.request_of("change", proposed["change"])
        self.decide("wu", request)
        until(lambda: self.read("zheng", "contact.mobile")["version"] > version, "the change")
        yield Line("wu", "verifies and approves the customer's wish", "核实并批准客户要求", "changed")
        history = self.cast["zheng"].get(f"/v1/records/{self.record}/versions?purpose=service")["items"]
        changed = history[-1]["fields"]["contact.mobile"]
        hold(changed["old"].endswith("1234") and changed["new"].endswith("5678"), "history shows old and new")
        hold(history[-1]["by"] == "zheng" and "letter" in history[-1]["reason"], "history shows who and why")
        yield Line(
            "zheng", "reads the history", "查阅变更历史", f"…{changed['old'][-4:]} → …{changed['new'][-4:]}, by zheng"
        )

    # ------------------------------------------------------------------ loan

    def lend(self) -> Iterator[Line]:
        """The record is lent for 7 days; the clock moves 8; the duty is overdue, a violation is proposed."""
        asked = {"kind": "borrow", "records": [self.record], "purpose": "service", "reason": "site visit next week"}
        request = self.cast["sun"].post("/v1/requests", asked)["request"]
        grant = self.decide("wang", request)["grants"][0]
        yield Line("wang", "lets sun borrow it, as an exception", "总经理破例批准借阅", f"grant {grant[:8]}…")
        loan = self.cast["he"].post("/v1/loans", {"record": self.record, "grant": grant})
        self.facts["loan"] = loan["loan"]
        again = refused(lambda: self.cast["he"].post("/v1/loans", {"record": self.record, "grant": grant}), 409)
        yield Line(
            "he",
            "lends it for seven days; a second time",
            "借出七天；再次借出",
            f"{loan.status}, {again.status} {again.code}",
        )
        self.advance("P8D")
        duty = until(lambda: self.overdue(), "the overdue duty")
        yield Line("–", "eight days later", "八天以后", f"duty {duty['name']} overdue, owner {duty['owner']}")
        found = until(lambda: self.violation(), "the proposed violation")
        yield Line("–", "a violation is proposed", "系统提出违规", f"{found['type']}, {found['state']}")

    def bring_back(self) -> Iterator[Line]:
        """The return is confirmed by both sides."""
        path = f"/v1/loans/{self.facts['loan']}/return"
        first = self.cast["sun"].post(path, {"items": 1})
        back = self.cast["he"].post(path, {"items": 1})
        hold(back["state"] == "returned", "the return needs both signatures")
        yield Line("sun, he", "sign for the return", "双方签字归还", f"{first['state']} → {back['state']}")

    # ------------------------------------------------------------------ what the acts use

    def read(self, person: str, *fields: str, purpose: str = "service") -> Answer:
        """Some fields, or all, as a person gets them."""
        asked = f"&fields={','.join(fields)}" if fields else ""
        return self.cast[person].get(f"/v1/records/{self.record}?purpose={purpose}{asked}")

    def seen(self, person: str, path: str) -> Any:
        """What a change would make of the mobile, once it is shown to somebody in clear."""
        told = self.cast[person].get(path)["fields"]["contact.mobile"]
        return told if told["state"] == "clear" else None

    def decide(self, person: str, request: str, decision: str = "approve") -> Answer:
        """One person's word on a request."""
        return self.cast[person].post(
            f"/v1/requests/{request}/decisions", {"decision": decision, "reason": "as the rule says"}
        )

    def request_of(self, kind: str, subject: str) -> str:
        """The request that opened by itself about something."""
        path = f"/v1/requests?kind={kind}&state=pending&limit=500"
        found = until(
            lambda: [r for r in self.cast["ma"].get(path)["items"] if r["subject"] == subject], f"a {kind} request"
        )
        return str(found[0]["request"])

    def advance(self, period: str) -> None:
        """Move the demo's clock, and wait until the ledger has caught up with it."""
        self.cast["ma"].post("/demo/clock", {"advance": period})
        self.cast.tokens.clear()

    def overdue(self) -> Any:
        """The overdue duty of the loan."""
        duties = self.cast["sun"].get("/v1/duties?owner=sun&overdue=true")["items"]
        return next((duty for duty in duties if duty["record"] == self.record), None)

    def violation(self) -> Any:
        """The violation proposed about the record."""
        found = self.cast["ma"].get("/v1/violations?state=proposed")["items"]
        return next((one for one in found if one["record"] == self.record), None)


def _another(likely: Refusal) -> dict[str, Any]:
    """What a clerk says of those who look the same: whoever brought them in gave them a number that is ours too."""
    alike = [one["record"] for one in likely.problem["candidates"]]
    return {"reason": "compared with the form: another company", "of": alike}


def _chain(raised: Answer) -> str:
    return " -> ".join("/".join(step["deciders"]) for step in raised["chain"])
