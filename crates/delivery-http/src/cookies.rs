//! The cookies: the refresh token and the device of a browser.
//!
//! Both carry the `__Host-` prefix (RFC 6265bis §4.1.3.2): they belong to this host alone, to every path, and are
//! never sent in clear.

use crate::settings::CookieSameSite;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

/// Holds the refresh token.
pub(crate) const REFRESH_COOKIE: &str = "__Host-gatewright_refresh";
/// Holds the device id.
pub(crate) const DEVICE_COOKIE: &str = "__Host-gatewright_device";

/// How long a browser is recognised: the most that browsers keep a cookie.
const DEVICE_COOKIE_DAYS: i64 = 400;

/// The cookie that holds a refresh token for as long as it is good.
pub(crate) fn refresh(token: &str, lifetime: Duration, same_site: CookieSameSite) -> Cookie<'_> {
    build(REFRESH_COOKIE, token, lifetime, same_site)
}

/// The cookie that takes the refresh token out of the browser.
pub(crate) fn refresh_removal(same_site: CookieSameSite) -> Cookie<'static> {
    build(REFRESH_COOKIE, "", Duration::ZERO, same_site)
}

/// The cookie by which a browser is recognised.
pub(crate) fn device(id: &str, same_site: CookieSameSite) -> Cookie<'_> {
    build(DEVICE_COOKIE, id, Duration::days(DEVICE_COOKIE_DAYS), same_site)
}

fn build<'a>(name: &'a str, value: &'a str, lifetime: Duration, same_site: CookieSameSite) -> Cookie<'a> {
    let same_site = match same_site {
        CookieSameSite::Strict => SameSite::Strict,
        CookieSameSite::Lax => SameSite::Lax,
        CookieSameSite::None => SameSite::None,
    };
    Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .max_age(lifetime)
        .finish()
}
