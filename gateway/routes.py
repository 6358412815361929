"""The route table: one line a resource and method. Router, OpenAPI, metrics and tests are made from it."""

from __future__ import annotations

from gateway.route import Route

# fmt: off
CSV, ZIP, NOTE, HTML = "text/csv", "application/zip", "text/plain", "text/html"

RECORDS = (
    Route("POST", "/v1/records", "records.create", 201, en="Create a record", zh="建立档案"),
    Route("GET", "/v1/records", "records.list", paged=True,
          en="List records by facet, newest first", zh="按分面列出档案"),
    Route("GET", "/v1/records/<id:record>", "records.read", purpose=True,
          en="Read fields for a purpose", zh="按用途读取字段"),
    Route("PATCH", "/v1/records/<id:record>", "records.change", match="version",
          en="Change or propose a change", zh="更改或申请更改"),
    Route("GET", "/v1/records/<id:record>/versions", "records.versions", purpose=True,
          en="Versions: who, when, why", zh="版本历史"),
    Route("GET", "/v1/records/<id:record>/timeline", "records.timeline", en="What happened, in sentences", zh="时间线"),
    Route("GET", "/v1/records/<id:record>/explain", "records.explain", purpose=True,
          en="Why can or cannot I", zh="为何可以或不可以"),
    Route("POST", "/v1/records/<id:record>/transitions", "records.transition", match="version",
          en="Change the state", zh="变更状态"),
    Route("POST", "/v1/records/<id:record>/events", "records.record_event", 201,
          en="Note a business fact", zh="登记业务事实"),
    Route("GET", "/v1/records/<id:record>/consents", "records.consents", en="Consents and their state", zh="同意情况"),
    Route("POST", "/v1/records/<id:record>/consents", "records.give_consent", 201, en="Note a consent", zh="登记同意"),
    Route("POST", "/v1/records/<id:record>/consents/<id:consent>/withdrawal", "records.withdraw_consent",
          en="Withdraw a consent", zh="撤回同意"),
    Route("GET", "/v1/classes", "records.classes", en="Record classes and their fields", zh="档案类别与字段"),
    Route("POST", "/v1/imports", "gateway.upload", 202, args="gateway.ImportForm", form=True,
          en="Import a file", zh="导入文件"),
    Route("GET", "/v1/imports/<id:upload>", "records.import_status",
          en="Progress and counts of an import", zh="导入进度"),
    Route("GET", "/v1/imports/<id:upload>/report.csv", "records.import_report", media=CSV, text="csv",
          en="What is wrong per row", zh="逐行报告"),
)

APPROVALS = (
    Route("GET", "/v1/people", "approvals.people", paged=True, en="People", zh="人员"),
    Route("GET", "/v1/departments", "approvals.departments", en="Departments", zh="部门"),
    Route("POST", "/v1/requests", "approvals.raise_request", 201, en="Ask for permission", zh="提出申请"),
    Route("GET", "/v1/requests", "approvals.requests", paged=True, en="Requests, mine or awaiting me", zh="申请列表"),
    Route("GET", "/v1/requests/<id:request>", "approvals.request", en="A request with its chain", zh="申请与审批链"),
    Route("POST", "/v1/requests/<id:request>/decisions", "approvals.decide", en="Approve or reject", zh="批准或驳回"),
    Route("POST", "/v1/requests/<id:request>/withdrawal", "approvals.withdraw", en="Withdraw a request", zh="撤回申请"),
    Route("GET", "/v1/grants", "approvals.grants", paged=True, en="Grants", zh="授权"),
    Route("POST", "/v1/grants/<id:grant>/revocation", "approvals.revoke", en="Revoke a grant", zh="撤销授权"),
    Route("GET", "/v1/regimes", "approvals.regimes", en="Regimes in force", zh="现行制度"),
    Route("GET", "/v1/regimes/<name:regime>", "approvals.regime", en="A regime's text", zh="制度文本"),
    Route("POST", "/v1/regimes/<name:regime>/simulations", "approvals.simulate", keyed=False,
          en="Who would decide this", zh="谁会审批"),
)

AUDIT = (
    Route("GET", "/v1/audit/entries", "audit.entries", paged=True, en="Entries of the log", zh="审计条目"),
    Route("GET", "/v1/audit/entries/<id:entry>", "audit.entry", en="One entry", zh="单条审计条目"),
    Route("GET", "/v1/audit/checkpoint", "audit.checkpoint", media=NOTE, text="note",
          en="Signed checkpoint", zh="签名检查点"),
    Route("GET", "/v1/audit/proofs/inclusion", "audit.inclusion",
          en="Proof that an entry is in the log", zh="包含证明"),
    Route("GET", "/v1/audit/proofs/consistency", "audit.consistency",
          en="Proof that the log only grew", zh="一致性证明"),
    Route("POST", "/v1/audit/bundles", "audit.begin_bundle", 202, en="Make an evidence bundle", zh="生成证据包"),
    Route("GET", "/v1/audit/bundles/<id:bundle>", "gateway.bundle", args="audit.BundleChunkArgs",
          fixed=(("offset", 0),), media=ZIP,
          en="Fetch an evidence bundle", zh="下载证据包"),
    Route("GET", "/v1/violations", "audit.violations", paged=True, en="Violations", zh="违规"),
    Route("POST", "/v1/violations/<id:violation>/decisions", "audit.decide_violation",
          en="Confirm, dismiss or appeal", zh="确认、撤销或申诉"),
)

RETENTION = (
    Route("GET", "/v1/duties", "retention.duties", paged=True, en="Duties and when they are due", zh="职责与期限"),
    Route("POST", "/v1/duties/<id:duty>/completion", "retention.complete_duty",
          answer="retention.DutyAnswer", en="Fulfil a duty", zh="完成职责"),
    Route("GET", "/v1/loans", "retention.loans", paged=True, en="Loans", zh="借阅登记"),
    Route("POST", "/v1/loans", "retention.lend", 201,
          answer="retention.LoanAnswer", en="Lend to the holder of a borrow grant", zh="借出"),
    Route("POST", "/v1/loans/<id:loan>/return", "retention.return_loan",
          answer="retention.LoanAnswer", en="Give back, or confirm as archivist", zh="归还或确认归还"),
    Route("POST", "/v1/loans/<id:loan>/renewal", "retention.renew_loan",
          answer="retention.LoanAnswer", en="Lend on under a fresh grant", zh="续借"),
    Route("GET", "/v1/schedules", "retention.schedules",
          answer="gateway.Outcome", en="Retention schedules", zh="保管期限表"),
    Route("GET", "/v1/records/<id:record>/verdict", "retention.verdict",
          answer="gateway.Outcome", en="Keep or let go, and why", zh="处置结论"),
    Route("GET", "/v1/holds", "retention.holds", paged=True, en="Holds", zh="处置冻结"),
    Route("POST", "/v1/holds", "retention.place_hold", 201,
          answer="retention.HoldAnswer", en="Place a hold", zh="设置冻结"),
    Route("POST", "/v1/holds/<id:hold>/release", "retention.release_hold",
          answer="retention.HoldAnswer", en="Release a hold", zh="解除冻结"),
    Route("GET", "/v1/disposals", "retention.disposals", paged=True, en="Destruction lists", zh="销毁清册"),
    Route("POST", "/v1/disposals", "retention.begin_disposal", 201,
          answer="gateway.Outcome", en="Draw up a destruction list", zh="编制销毁清册"),
    Route("GET", "/v1/disposals/<id:disposal>", "retention.disposal", en="A destruction list", zh="销毁清册详情"),
    Route("POST", "/v1/disposals/<id:disposal>/abort", "retention.abort_disposal",
          answer="gateway.Outcome", en="Give it up", zh="放弃"),
    Route("POST", "/v1/disposals/<id:disposal>/approval", "retention.ask_approval", 202,
          answer="gateway.Outcome", en="Ask for its approval", zh="报批"),
    Route("POST", "/v1/disposals/<id:disposal>/witness", "retention.witness",
          answer="gateway.Outcome", en="Witness it", zh="监销"),
    Route("POST", "/v1/disposals/<id:disposal>/execution", "retention.execute", 202, deadline=6.0,
          answer="gateway.Outcome", en="Destroy", zh="执行销毁"),
    Route("GET", "/v1/certificates/<id:certificate>", "gateway.certificate",
          en="Certificate of destruction", zh="销毁证书"),
)

GATEWAY = (
    Route("POST", "/v1/sessions", "gateway.sign_in", 201, args="gateway.SessionArgs", answer="gateway.SessionAnswer",
          open=True, keyed=False, en="Sign in", zh="登录"),
    Route("DELETE", "/v1/sessions/<id:session>", "approvals.close_session", args="approvals.SessionArgs",
          answer="gateway.Outcome", en="Sign out", zh="退出登录"),
    Route("GET", "/v1/me", "gateway.me", answer="gateway.Me",
          en="My rights, and what waits for me", zh="我的权限与待办"),
    Route("GET", "/openapi.json", "gateway.openapi", open=True, en="This document", zh="本文档"),
    Route("GET", "/docs", "gateway.docs", open=True, media=HTML, en="This document to read and try", zh="接口文档"),
    Route("GET", "/docs/<name:file>", "gateway.docs_file", open=True, media=HTML,
          en="A file of the documents", zh="文档资源"),
    Route("GET", "/", "gateway.home", open=True, media=HTML, en="What runs here", zh="首页"),
    Route("GET", "/livez", "gateway.live", open=True, answer="gateway.Health", en="Alive", zh="存活"),
    Route("GET", "/readyz", "gateway.ready", open=True, answer="gateway.Health", en="Ready", zh="就绪"),
    Route("GET", "/metrics", "gateway.metrics", open=True, media=NOTE, en="Figures for Prometheus", zh="指标"),
    Route("POST", "/demo/sessions", "gateway.admit", 201, args="gateway.AdmitArgs", answer="gateway.SessionAnswer",
          open=True, demo=True, keyed=False, en="Sign in as anybody (demo only)", zh="以任何人登录（仅演示）"),
    Route("POST", "/demo/clock", "gateway.advance", args="gateway.ClockArgs", answer="gateway.ClockAnswer", demo=True,
          keyed=False, en="Move the clock forward (demo only)", zh="拨快时钟（仅演示）"),
)


def table(demo: bool) -> tuple[Route, ...]:
    """The routes that exist in this mode."""
    return tuple(route for route in (*RECORDS, *APPROVALS, *AUDIT, *RETENTION, *GATEWAY) if demo or not route.demo)
