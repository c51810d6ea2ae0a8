//! How single values are stored.

use crate::error::corrupt;
use gatewright_application::ports::error::PortError;
use gatewright_domain::Timestamp;
use std::fmt::Display;
use std::net::IpAddr;
use uuid::Uuid;

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;

/// Microseconds since the epoch.
pub(crate) fn micros(time: Timestamp) -> i64 {
    time.unix_timestamp() * MICROSECONDS_PER_SECOND + i64::from(time.microsecond())
}

/// The moment that [`micros`] stored.
pub(crate) fn time(micros: i64) -> Result<Timestamp, PortError> {
    Timestamp::from_unix_timestamp_nanos(i128::from(micros) * 1_000).map_err(|error| corrupt("time", error.to_string()))
}

/// The moment stored in a column that may be empty.
pub(crate) fn optional_time(micros: Option<i64>) -> Result<Option<Timestamp>, PortError> {
    micros.map(time).transpose()
}

/// An id as it is stored.
pub(crate) fn bytes(id: Uuid) -> Vec<u8> {
    id.into_bytes().to_vec()
}

/// An id back from its bytes.
pub(crate) fn id(bytes: &[u8]) -> Result<Uuid, PortError> {
    Uuid::from_slice(bytes).map_err(|error| corrupt("id", error.to_string()))
}

/// A digest back from its bytes.
pub(crate) fn digest(bytes: &[u8]) -> Result<[u8; 32], PortError> {
    bytes.try_into().map_err(|_| corrupt("digest", "not 32 bytes"))
}

/// A value back from its text.
pub(crate) fn parsed<T, E: Display>(
    what: &'static str,
    text: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, PortError> {
    parse(text).map_err(|error| corrupt(what, error.to_string()))
}

/// A value back from the word that stands for it.
pub(crate) fn word<T>(what: &'static str, text: &str, value: Option<T>) -> Result<T, PortError> {
    value.ok_or_else(|| corrupt(what, format!("unknown word {text:?}")))
}

/// A network address back from its text.
pub(crate) fn optional_address(text: Option<&str>) -> Result<Option<IpAddr>, PortError> {
    text.map(|text| parsed("address", text, str::parse)).transpose()
}

/// A value that has to be there because of what another column says.
pub(crate) fn required<T>(what: &'static str, value: Option<T>) -> Result<T, PortError> {
    value.ok_or_else(|| corrupt(what, "a part is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatewright_domain::Duration;

    #[test]
    fn times_come_back_to_the_microsecond_before_and_after_the_epoch() {
        for offset in [-1_000_001, -1, 0, 1, 1_763_705_000_123_456] {
            let moment = Timestamp::UNIX_EPOCH + Duration::microseconds(offset);
            assert_eq!(micros(moment), offset);
            assert_eq!(time(offset), Ok(moment));
        }
    }

    #[test]
    fn values_of_another_form_are_corrupt() {
        assert!(matches!(time(i64::MAX), Err(PortError::Corrupt { what: "time", .. })));
        assert!(matches!(id(&[0; 15]), Err(PortError::Corrupt { what: "id", .. })));
        assert!(matches!(
            digest(&[0; 31]),
            Err(PortError::Corrupt { what: "digest", .. })
        ));
    }
}
