//! What browsers of other origins may do.

use crate::config::parse::{list, one_of, origin};
use crate::config::reader::{Faulty, Reader};
use crate::config::setting::Setting;
use gatewright_delivery_http::settings::CookieSameSite;
use url::Url;

pub(crate) const CORS_ALLOWED_ORIGINS: Setting = Setting::derived(
    "CORS_ALLOWED_ORIGINS",
    "none",
    "https://app.example.com,http://localhost:5173",
    "origins whose pages may call the API from a browser, separated by commas; `*` is not accepted",
);
pub(crate) const COOKIE_SAME_SITE: Setting = Setting::new(
    "COOKIE_SAME_SITE",
    "strict",
    "`SameSite` of the refresh cookie: strict, lax, or none for pages of another site",
);

/// What browsers of other origins may do.
#[derive(Debug, Clone)]
pub struct BrowserConfig {
    /// Origins whose pages may call the API.
    pub allowed_origins: Vec<Url>,
    /// To which requests the refresh cookie is added.
    pub cookie_same_site: CookieSameSite,
}

impl BrowserConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let allowed_origins = reader.read_optional(&CORS_ALLOWED_ORIGINS, list(origin));
        let words = [
            ("strict", CookieSameSite::Strict),
            ("lax", CookieSameSite::Lax),
            ("none", CookieSameSite::None),
        ];
        let cookie_same_site = reader.read(&COOKIE_SAME_SITE, one_of(&words));
        Ok(Self {
            allowed_origins: allowed_origins?.unwrap_or_default(),
            cookie_same_site: cookie_same_site?,
        })
    }
}
