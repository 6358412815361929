"""The shape of schemes and views: classifications beside the levels, and lists derived from records."""

from __future__ import annotations

from typing import Any

from marshmallow import post_load

from regimes import dates, model
from regimes.schema.basics import Titled
from regimes.words import Many, Name, Named, People, Period, Text, When, Who, Whole, Words


class SchemeValueEntry(Titled):
    makes = model.SchemeValue
    keeper = Who()
    level = Name()
    criteria = When()
    lasts = Period()


class SchemeEntry(Titled):
    makes = model.Scheme
    of = Many(required=True)
    unset = Name(required=True)
    set_by = People()
    values_ = Named(SchemeValueEntry, required=True, data_key="values", attribute="values")


class ViewEntry(Titled):
    makes = model.View
    of = Many(required=True)
    when = When()
    shown = Words(data_key="fields", attribute="fields")
    split_by = Name()
    read = Who(required=True)
    purpose = Name(required=True)
    sum = Name()
    count = Name()
    share_by = Name()
    smallest = Whole()
    every = Text()

    @post_load
    def counted(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        if "every" in data and data["every"] not in dates.UNITS:
            data["every"] = Period().deserialize(data["every"])
        return data
