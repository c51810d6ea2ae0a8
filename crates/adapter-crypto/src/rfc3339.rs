//! Times as text (RFC 3339), in tokens and in the key ring.

use gatewright_domain::Timestamp;
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;

/// `moment` in UTC. Empty for a year before 0, which RFC 3339 cannot write and [`parse`] does not read.
pub(crate) fn text(moment: Timestamp) -> String {
    moment.format(&Rfc3339).unwrap_or_default()
}

/// The moment, in UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let moment = Timestamp::parse(text, &Rfc3339).ok()?;
    moment.checked_to_offset(UtcOffset::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_moment_survives_its_text() {
        for moment in [Timestamp::UNIX_EPOCH, datetime!(2026-03-01 12:00:00.123_456 UTC)] {
            assert_eq!(parse(&text(moment)), Some(moment));
        }
        assert_eq!(text(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn other_offsets_are_read_as_utc() {
        assert_eq!(
            parse("2026-03-01T02:00:00+02:00"),
            Some(datetime!(2026-03-01 00:00 UTC))
        );
    }

    #[test]
    fn a_moment_outside_the_calendar_is_no_time() {
        for text in [
            "9999-12-31T23:59:59-01:00",
            "2026-02-30T00:00:00Z",
            "2026-03-01",
            "1772323200",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&text(datetime!(-0001-01-01 00:00 UTC))), None);
    }
}
