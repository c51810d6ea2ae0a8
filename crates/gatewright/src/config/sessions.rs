//! How long sessions and tokens live.

use crate::config::parse::{duration, line, one_of};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_domain::Duration;
use gatewright_domain::session::session::SessionPolicy;

pub(crate) const ACCESS_TOKEN_FORMAT: Setting = Setting::new(
    "ACCESS_TOKEN_FORMAT",
    "paseto",
    "form of access tokens: PASETO v4.public (the only one in this version)",
);
pub(crate) const ACCESS_TOKEN_TTL: Setting = Setting::new(
    "ACCESS_TOKEN_TTL",
    "15m",
    "life of an access token, at most 24h; over 15m is warned about",
);
pub(crate) const TOKEN_ISSUER: Setting = Setting::derived(
    "TOKEN_ISSUER",
    "PUBLIC_BASE_URL",
    "https://id.example.com",
    "`iss` of access tokens",
);
pub(crate) const TOKEN_AUDIENCE: Setting = Setting::new("TOKEN_AUDIENCE", "gatewright", "`aud` of access tokens");
pub(crate) const REFRESH_IDLE_TTL: Setting = Setting::new(
    "REFRESH_IDLE_TTL",
    "7d",
    "a session not refreshed for this long is over; never later than SESSION_TTL",
);
pub(crate) const SESSION_TTL: Setting =
    Setting::new("SESSION_TTL", "30d", "a session is over after this long in any case");
pub(crate) const REFRESH_REUSE_GRACE: Setting = Setting::new(
    "REFRESH_REUSE_GRACE",
    "10s",
    "how long the last spent refresh token may come back from the same device (a double click, a lost answer), at most 60s",
);

const LONG_ACCESS_TOKEN: Duration = Duration::minutes(15);

/// How long sessions and tokens live, and whom tokens name.
#[derive(Debug, Clone)]
pub struct SessionConfig {
    /// How long sessions and tokens live.
    pub policy: SessionPolicy,
    /// `iss` of access tokens; `None` for the public base URL.
    pub issuer: Option<String>,
    /// `aud` of access tokens.
    pub audience: String,
}

impl SessionConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let format = reader.read(&ACCESS_TOKEN_FORMAT, one_of(&[("paseto", ())]));
        let access_token_ttl = reader.read(&ACCESS_TOKEN_TTL, duration(Duration::MINUTE..=Duration::DAY));
        let issuer = reader.read_optional(&TOKEN_ISSUER, line);
        let audience = reader.read(&TOKEN_AUDIENCE, line);
        let idle_ttl = reader.read(&REFRESH_IDLE_TTL, duration(Duration::MINUTE..=Duration::days(365)));
        let absolute_ttl = reader.read(&SESSION_TTL, duration(Duration::MINUTE..=Duration::days(365)));
        let reuse_grace = reader.read(&REFRESH_REUSE_GRACE, duration(Duration::ZERO..=Duration::MINUTE));
        format?;
        let policy = SessionPolicy {
            access_token_ttl: access_token_ttl?,
            idle_ttl: idle_ttl?,
            absolute_ttl: absolute_ttl?,
            reuse_grace: reuse_grace?,
        };
        if policy.access_token_ttl > LONG_ACCESS_TOKEN {
            reader.warn(
                &ACCESS_TOKEN_TTL,
                "over 15m, a service that verifies tokens by itself notices a sign-out that much later",
            );
        }
        Ok(Self {
            policy,
            issuer: issuer?,
            audience: audience?,
        })
    }
}
