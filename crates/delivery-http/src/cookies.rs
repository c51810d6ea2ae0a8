//! The cookies: the refresh token and the device of a browser.
//!
//! Both carry the `__Host-` prefix (RFC 6265bis §4.1.3.2): they belong to this host alone, to every path, and are
//! never sent in clear.

use crate::settings::CookieSameSite;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{HeaderName, SET_COOKIE};

/// Holds the refresh token.
pub(crate) const REFRESH_COOKIE: &str = "__Host-gatewright_refresh";
/// Holds the device id.
pub(crate) const DEVICE_COOKIE: &str = "__Host-gatewright_device";

/// How long a browser is recognised: the most that browsers keep a cookie.
const DEVICE_COOKIE_DAYS: i64 = 400;

/// A `Set-Cookie` header.
type SetCookie = (HeaderName, String);

/// The cookie that holds a refresh token for as long as it is good.
pub(crate) fn refresh(token: &str, lifetime: Duration, same_site: CookieSameSite) -> SetCookie {
    set(REFRESH_COOKIE, token, lifetime, same_site)
}

/// The cookie that takes the refresh token out of the browser.
pub(crate) fn refresh_removal(same_site: CookieSameSite) -> SetCookie {
    set(REFRESH_COOKIE, "", Duration::ZERO, same_site)
}

/// The cookie by which a browser is recognised.
pub(crate) fn device(id: &str, same_site: CookieSameSite) -> SetCookie {
    set(DEVICE_COOKIE, id, Duration::days(DEVICE_COOKIE_DAYS), same_site)
}

fn set(name: &str, value: &str, lifetime: Duration, same_site: CookieSameSite) -> SetCookie {
    let same_site = match same_site {
        CookieSameSite::Strict => SameSite::Strict,
        CookieSameSite::Lax => SameSite::Lax,
        CookieSameSite::None => SameSite::None,
    };
    let cookie = Cookie::build(name, value)
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(same_site)
        .max_age(lifetime)
        .finish();
    // Encoded: a client may name its device with characters that end a cookie's value.
    (SET_COOKIE, cookie.encoded().to_string())
}
