//! Reading one value: each function answers what the value means, or how it is wrong ("is not …").

use gatewright_domain::Duration;
use secrecy::SecretString;
use std::fmt::Display;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use url::{Host, Url};

const LONGEST_TEXT: usize = 256;
const MOST_THREADS: NonZeroUsize = NonZeroUsize::new(512).expect("512 is not zero");

pub(crate) fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "is not an address with a port".to_owned())
}

/// For settings that are named in the contract and come later.
pub(crate) fn not_in_this_version(_value: &str) -> Result<(), String> {
    Err("is not supported by this version yet; leave the setting unset".to_owned())
}

/// One of a few words.
pub(crate) fn one_of<'a, T: Copy>(words: &'a [(&'a str, T)]) -> impl Fn(&str) -> Result<T, String> + 'a {
    move |text| {
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            format!("is not {}", words.join(" or "))
        })
    }
}

/// A whole number in a range.
pub(crate) fn whole_number<T: FromStr + PartialOrd + Display>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("is not a whole number from {} to {}", range.start(), range.end()))
    }
}

/// A number of threads.
pub(crate) fn thread_count() -> impl Fn(&str) -> Result<NonZeroUsize, String> {
    whole_number(NonZeroUsize::MIN..=MOST_THREADS)
}

/// A span of time in a range, such as `15m` or `7d`.
pub(crate) fn duration(range: RangeInclusive<Duration>) -> impl Fn(&str) -> Result<Duration, String> {
    move |text| {
        let bare_zero = (text == "0").then_some(Duration::ZERO);
        let parsed = humantime::parse_duration(text).ok();
        let parsed = parsed.and_then(|span| Duration::try_from(span).ok()).or(bare_zero);
        parsed.filter(|span| range.contains(span)).ok_or_else(|| {
            let [from, to] = [range.start(), range.end()].map(|bound| written(*bound));
            format!("is not a span of time from {from} to {to}")
        })
    }
}

fn written(span: Duration) -> String {
    humantime::format_duration(span.unsigned_abs()).to_string()
}

/// One line of text.
pub(crate) fn line(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        Err("holds a control character".to_owned())
    } else if text.len() > LONGEST_TEXT {
        Err(format!("is longer than {LONGEST_TEXT} bytes"))
    } else {
        Ok(text.to_owned())
    }
}

/// One line that holds a secret: what it means, the adapter that uses it decides.
pub(crate) fn secret_line(text: &str) -> Result<SecretString, String> {
    if text.chars().any(char::is_control) {
        return Err("holds a control character".to_owned());
    }
    Ok(text.into())
}

pub(crate) fn path(text: &str) -> Result<PathBuf, String> {
    if text.chars().any(char::is_control) {
        return Err("holds a control character".to_owned());
    }
    Ok(PathBuf::from(text))
}

pub(crate) fn existing_file(text: &str) -> Result<PathBuf, String> {
    let path = path(text)?;
    if path.is_file() {
        Ok(path)
    } else {
        Err("is not a file".to_owned())
    }
}

pub(crate) fn existing_folder(text: &str) -> Result<PathBuf, String> {
    let path = path(text)?;
    if path.is_dir() {
        Ok(path)
    } else {
        Err("is not a folder".to_owned())
    }
}

/// The items of a list separated by commas, empty ones left out.
pub(crate) fn list<T>(parse: impl Fn(&str) -> Result<T, String>) -> impl Fn(&str) -> Result<Vec<T>, String> {
    move |text| {
        let items = text.split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).map(&parse).collect()
    }
}

/// Where a browser finds us: scheme, host, port and perhaps a path, without a trailing `/`.
pub(crate) fn base_url(text: &str) -> Result<Url, String> {
    let wrong = || "is not an http or https URL without user, query and fragment".to_owned();
    let url = Url::parse(text.trim_end_matches('/')).map_err(|_| wrong())?;
    let web = matches!(url.scheme(), "http" | "https") && url.has_host();
    let bare = url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    if web && bare && anonymous {
        Ok(url)
    } else {
        Err(wrong())
    }
}

/// A web origin (RFC 6454 §6.2): scheme, host and port, nothing else.
pub(crate) fn origin(text: &str) -> Result<Url, String> {
    let wrong = || format!("holds {text:?}, which is not an origin (scheme://host or scheme://host:port)");
    let url = base_url(text).map_err(|_| wrong())?;
    if url.path() == "/" && !matches!(url.host(), Some(Host::Domain(name)) if name.contains('*')) {
        Ok(url)
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_are_read_within_their_range() {
        let parse = duration(Duration::ZERO..=Duration::minutes(10));
        assert_eq!(parse("10m"), Ok(Duration::minutes(10)));
        assert_eq!(parse("0"), Ok(Duration::ZERO));
        for wrong in ["11m", "10", "soon", "-1s", ""] {
            assert_eq!(
                parse(wrong),
                Err("is not a span of time from 0s to 10m".to_owned()),
                "{wrong}"
            );
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_only() {
        let read = |text| origin(text).map(|url| url.origin().ascii_serialization());
        assert_eq!(
            read("https://App.example.com"),
            Ok("https://app.example.com".to_owned())
        );
        assert_eq!(read("http://localhost:5173/"), Ok("http://localhost:5173".to_owned()));
        for wrong in [
            "*",
            "null",
            "https://*.example.com",
            "https://a.example/path",
            "app.example.com",
            "https://u@a",
        ] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_base_url_may_have_a_path_and_nothing_more() {
        assert_eq!(
            base_url("https://id.example.com/auth/").map(String::from),
            Ok("https://id.example.com/auth".to_owned())
        );
        for wrong in [
            "id.example.com",
            "ftp://a.example",
            "https://u:p@a.example",
            "https://a.example?x=1",
            "https://a.example#x",
        ] {
            assert!(base_url(wrong).is_err(), "{wrong}");
        }
    }
}
