//! Whom we trust to name a mail server.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;
use tokio_rustls::TlsConnector;

/// Why TLS cannot be set up.
#[derive(Debug, Error)]
pub enum TlsSetupError {
    /// The file of authorities cannot be read, or holds something else.
    #[error("{} does not hold certificates in PEM: {reason}", path.display())]
    AuthoritiesFile {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Nobody is trusted, so no certificate could ever be verified.
    #[error("this system trusts no certificate authority: install ca-certificates, or name a file of authorities")]
    NoAuthorities,
    /// rustls refuses its own defaults.
    #[error("TLS cannot be set up: {0}")]
    Rustls(#[from] rustls::Error),
}

/// TLS 1.2 and 1.3 with the system's authorities and those of the file.
pub(crate) fn connector(authorities: Option<&Path>) -> Result<TlsConnector, TlsSetupError> {
    let mut trusted = RootCertStore::empty();
    // A system's store may hold what cannot be read; a certificate that is missing in the end is named by the handshake.
    trusted.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = authorities {
        add_file(&mut trusted, path).map_err(|reason| TlsSetupError::AuthoritiesFile {
            path: path.to_owned(),
            reason,
        })?;
    }
    if trusted.is_empty() {
        return Err(TlsSetupError::NoAuthorities);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn add_file(trusted: &mut RootCertStore, path: &Path) -> Result<(), String> {
    let certificates = CertificateDer::pem_file_iter(path).map_err(|error| error.to_string())?;
    let before = trusted.len();
    for certificate in certificates {
        let certificate = certificate.map_err(|error| error.to_string())?;
        trusted.add(certificate).map_err(|error| error.to_string())?;
    }
    if trusted.len() == before {
        return Err("there is none in it".to_owned());
    }
    Ok(())
}
