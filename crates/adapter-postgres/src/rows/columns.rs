//! How single values are stored.

use crate::error::corrupt;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Json;
use gatewright_application::ports::error::PortError;
use ipnet::IpNet;
use std::fmt::Display;
use std::io::Write;
use std::net::IpAddr;

/// A JSON document to the letter. Its column is `json`, which keeps the text as it was written; `jsonb` would sort it,
/// round it and refuse `\u0000`.
#[derive(Debug, FromSqlRow, AsExpression)]
#[diesel(sql_type = Json)]
pub(crate) struct JsonText(pub(crate) String);

impl FromSql<Json, Pg> for JsonText {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(String::from_utf8(value.as_bytes().to_vec())?))
    }
}

impl ToSql<Json, Pg> for JsonText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

/// An address as it is stored: a network of one.
pub(crate) fn inet(address: Option<IpAddr>) -> Option<IpNet> {
    address.map(IpNet::from)
}

/// Text from elsewhere as it can be stored: `PostgreSQL` keeps none with a NUL in it, and a mail server may say anything.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "")
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

/// A value that has to be there because of what another column says.
pub(crate) fn required<T>(what: &'static str, value: Option<T>) -> Result<T, PortError> {
    value.ok_or_else(|| corrupt(what, "a part is missing"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_back_out_of_its_network() {
        for text in ["192.0.2.7", "::1", "2001:db8:0:7::"] {
            let address: IpAddr = text.parse().unwrap();
            let stored = inet(Some(address)).unwrap();
            assert_eq!((stored.addr(), stored.prefix_len()), (address, stored.max_prefix_len()));
        }
        assert_eq!(inet(None), None);
    }

    #[test]
    fn values_of_another_form_are_corrupt() {
        assert!(matches!(
            digest(&[0; 31]),
            Err(PortError::Corrupt { what: "digest", .. })
        ));
        let missing = required::<()>("mail", None);
        assert!(matches!(missing, Err(PortError::Corrupt { what: "mail", .. })));
    }
}
