//! Work beside the requests: where it runs, and how long things are kept.

use crate::config::parse::{duration, one_of};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_domain::Duration;

pub(crate) const SCHEDULER: Setting = Setting::new(
    "SCHEDULER",
    "embedded",
    "where mails are sent and jobs run: inside the server, or `external`, in `gatewright-scheduler`; any number of either share the work",
);
pub(crate) const SESSION_RETENTION: Setting = Setting::new(
    "SESSION_RETENTION",
    "7d",
    "how long a session is kept after its end, so that a stolen token is still recognised as one",
);
pub(crate) const OUTBOX_RETENTION: Setting = Setting::new(
    "OUTBOX_RETENTION",
    "7d",
    "how long the record of a sent mail is kept, without its content; four times as long that of one that never left, with it",
);
pub(crate) const AUDIT_RETENTION: Setting = Setting::new("AUDIT_RETENTION", "400d", "how long audit events are kept");
pub(crate) const SIGNING_KEY_ROTATION: Setting = Setting::new(
    "SIGNING_KEY_ROTATION",
    "90d",
    "how old a signing key grows before the next is made, where the keys are in a file; `off` for never",
);

/// Where background work runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchedulerPlace {
    /// Inside the server.
    Embedded,
    /// In processes of its own.
    External,
}

/// Work beside the requests.
#[derive(Debug, Clone)]
pub struct BackgroundConfig {
    /// Where it runs.
    pub scheduler: SchedulerPlace,
    /// How long a session is kept after its end.
    pub session_retention: Duration,
    /// How long the record of a sent mail is kept.
    pub outbox_retention: Duration,
    /// How long audit events are kept.
    pub audit_retention: Duration,
    /// How old a signing key grows; `None`: it is never replaced by itself.
    pub signing_key_rotation: Option<Duration>,
}

impl BackgroundConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let places = [
            ("embedded", SchedulerPlace::Embedded),
            ("external", SchedulerPlace::External),
        ];
        let scheduler = reader.read(&SCHEDULER, one_of(&places));
        let span = duration(Duration::HOUR..=Duration::days(3660));
        let session_retention = reader.read(&SESSION_RETENTION, &span);
        let outbox_retention = reader.read(&OUTBOX_RETENTION, &span);
        let audit_retention = reader.read(&AUDIT_RETENTION, &span);
        let signing_key_rotation = reader.read(&SIGNING_KEY_ROTATION, |text| match text {
            "off" => Ok(None),
            span => duration(Duration::DAY..=Duration::days(3660))(span).map(Some),
        });
        Ok(Self {
            scheduler: scheduler?,
            session_retention: session_retention?,
            outbox_retention: outbox_retention?,
            audit_retention: audit_retention?,
            signing_key_rotation: signing_key_rotation?,
        })
    }
}
