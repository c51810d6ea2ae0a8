//! How many mails strangers can cause.

use crate::config::parse::{one_of, whole_number};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_domain::abuse::quota::{Allowance, MailQuotas};

pub(crate) const RATE_LIMITS: Setting = Setting::new("RATE_LIMITS", "on", "`off` for load tests: no limit counts then");
pub(crate) const MAIL_QUOTA_RECIPIENT_HOURLY: Setting =
    Setting::new("MAIL_QUOTA_RECIPIENT_HOURLY", "5", "mails to one address in an hour");
pub(crate) const MAIL_QUOTA_RECIPIENT_DAILY: Setting =
    Setting::new("MAIL_QUOTA_RECIPIENT_DAILY", "10", "mails to one address in a day");
pub(crate) const MAIL_QUOTA_CLIENT_HOURLY: Setting = Setting::new(
    "MAIL_QUOTA_CLIENT_HOURLY",
    "60",
    "mails that one client address (IPv4 /32, IPv6 /64) can cause in an hour",
);
pub(crate) const MAIL_QUOTA_GLOBAL_HOURLY: Setting = Setting::new(
    "MAIL_QUOTA_GLOBAL_HOURLY",
    "20000",
    "mails that strangers can cause together in an hour",
);

/// How many mails strangers can cause.
#[derive(Debug, Clone)]
pub struct LimitConfig {
    /// The quotas; `None` where limits are off.
    pub mail: Option<MailQuotas>,
}

impl LimitConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let enabled = reader.read(&RATE_LIMITS, one_of(&[("on", true), ("off", false)]));
        let recipient_hourly = reader.read(&MAIL_QUOTA_RECIPIENT_HOURLY, whole_number(1..=u32::MAX));
        let recipient_daily = reader.read(&MAIL_QUOTA_RECIPIENT_DAILY, whole_number(1..=u32::MAX));
        let client = reader.read(&MAIL_QUOTA_CLIENT_HOURLY, whole_number(1..=u32::MAX));
        let global = reader.read(&MAIL_QUOTA_GLOBAL_HOURLY, whole_number(1..=u32::MAX));
        let defaults = MailQuotas::default();
        let mail = MailQuotas {
            recipient_hourly: with_limit(defaults.recipient_hourly, recipient_hourly?),
            recipient_daily: with_limit(defaults.recipient_daily, recipient_daily?),
            client: with_limit(defaults.client, client?),
            global: with_limit(defaults.global, global?),
        };
        let enabled = enabled?;
        if !enabled {
            reader.warn(
                &RATE_LIMITS,
                "off: anybody can have any number of mails sent; for load tests only",
            );
        }
        Ok(Self {
            mail: enabled.then_some(mail),
        })
    }
}

fn with_limit(allowance: Allowance, limit: u32) -> Allowance {
    Allowance { limit, ..allowance }
}
