"""Settings of the worker: ``[worker]``."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class WorkerSettings(BaseModel):
    """``[worker]``: the process that ``erpcore run`` starts."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    poll_seconds: float | None = Field(
        None,
        gt=0,
        description="Seconds between two looks into a CRM's feed of events. If left out, what the CRM's limit of "
        "requests takes beside the work: 2 for Lime Go, 10 for others",
    )
    concurrency: int = Field(12, ge=1, le=200, description="Records that one worker handles at the same time")
    lanes: int = Field(
        8,
        ge=1,
        le=50,
        description="Records that are handled at the same time towards one ERP connection, over all workers",
    )
    queue_seconds: float = Field(0.15, gt=0, le=5, description="Seconds between two looks into the queue")
    executor_id: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
        description="Name of the worker: the same after a restart, and no other's. The host's name if left out",
    )
    webhook_port: int | None = Field(
        None, ge=0, le=65535, description="Port for a CRM's deliveries and for links to consents; none if left out"
    )
    webhook_host: str = Field(
        "127.0.0.1", description="Address of that port. Put a web server with HTTPS in front before you open it"
    )
    public_url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#\s]+[^?#\s]*$",
        description="Where that port is reached from elsewhere, such as https://erp.example.com: links by which "
        "somebody else gives a consent lead there",
    )
    retry_seconds: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (10.0, 30.0, 120.0, 600.0, 3600.0),
        min_length=1,
        description="Waits between attempts while a system is out of reach; the last one is repeated",
    )
    give_up_hours: float = Field(
        72.0, gt=0, description="A record is given up as failed after a system was out of reach for this long"
    )
    hiccup_minutes: float = Field(
        15.0,
        gt=0,
        description="Refused credentials and unreadable answers may be a vendor's hiccup: they are tried again for "
        "this long before a record has failed",
    )
    longest_request_seconds: float = Field(
        60.0,
        gt=0,
        description="How long one request to an ERP may be under way, time-outs included: after an answer that was "
        "lost, nothing is sent again before",
    )
    dead_after_seconds: float = Field(
        30.0, gt=0, description="A worker that gave no sign of life for this long is dead; others take over its work"
    )
    take_up_again: int = Field(
        5, ge=1, description="A record whose handling ended its worker's process this often and once more is given up"
    )
    stop_seconds: int = Field(20, ge=0, description="How long a worker that is told to stop lets running work end")
    keep_days: int = Field(90, ge=1, description="Finished work is shown for this long; links and intents are kept")

    @property
    def round_seconds(self) -> float:
        """Seconds between two looks at what is not a feed: invoices, articles, companies."""
        return 10.0 if self.poll_seconds is None else self.poll_seconds
