//! Whose certificates are trusted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::fmt::Write as _;
use thiserror::Error;

/// What is wrong with a file of authorities.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AuthoritiesFault {
    /// Not PEM.
    #[error("the authorities are not certificates in PEM: {0}")]
    Pem(String),
    /// Nothing in it.
    #[error("there is no certificate among the authorities")]
    Empty,
    /// A certificate that rustls refuses.
    #[error("a certificate among the authorities cannot be used: {0}")]
    Certificate(String),
}

/// `authorities` and the system's, in PEM: the driver trusts what it is given instead of the system's.
pub(crate) fn with_those_of_the_system(authorities: &[u8]) -> Result<Vec<u8>, AuthoritiesFault> {
    let mut trusted = String::new();
    let (mut store, mut count) = (RootCertStore::empty(), 0);
    for certificate in CertificateDer::pem_slice_iter(authorities) {
        let certificate = certificate.map_err(|error| AuthoritiesFault::Pem(error.to_string()))?;
        write_pem(&certificate, &mut trusted);
        let added = store.add(certificate);
        added.map_err(|error| AuthoritiesFault::Certificate(error.to_string()))?;
        count += 1;
    }
    if count == 0 {
        return Err(AuthoritiesFault::Empty);
    }
    // What cannot be read of the system's is not trusted; an odd one there is no reason to refuse all others.
    for certificate in rustls_native_certs::load_native_certs().certs {
        if store.add(certificate.clone()).is_ok() {
            write_pem(&certificate, &mut trusted);
        }
    }
    Ok(trusted.into_bytes())
}

/// RFC 7468; the lines may be of any length for whoever reads them here.
fn write_pem(certificate: &CertificateDer<'_>, pem: &mut String) {
    let encoded = STANDARD.encode(certificate);
    let written = write!(
        pem,
        "-----BEGIN CERTIFICATE-----\n{encoded}\n-----END CERTIFICATE-----\n"
    );
    debug_assert!(written.is_ok(), "writing to a string");
}
