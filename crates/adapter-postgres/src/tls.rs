//! How far the server is trusted.

use crate::error::with_causes;
use crate::options::PostgresOptions;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsFault, RootCertStore, SignatureScheme,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use thiserror::Error;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What `sslmode` asks for, as libpq defines it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// No TLS.
    Disable,
    /// TLS where the server has it, with any certificate.
    Prefer,
    /// TLS with any certificate, or, where `sslrootcert` is given, as `VerifyCa`.
    Require,
    /// TLS with a certificate of a trusted authority, whatever its name.
    VerifyCa,
    /// TLS with a certificate of a trusted authority for the host's name.
    VerifyFull,
}

/// Why TLS cannot be set up.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file of certificates cannot be read or holds none.
    #[error("{}: {reason}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// There is no authority to trust.
    #[error("this system has no certificates of authorities; install ca-certificates or name a file by sslrootcert")]
    NoAuthorities,
    /// The TLS library refused.
    #[error("TLS cannot be set up: {0}")]
    Library(String),
}

impl TlsMode {
    /// From the value of `sslmode`.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word {
            "disable" => Some(Self::Disable),
            "prefer" => Some(Self::Prefer),
            "require" => Some(Self::Require),
            "verify-ca" => Some(Self::VerifyCa),
            "verify-full" => Some(Self::VerifyFull),
            _ => None,
        }
    }

    /// What the driver has to do about it; the rest is up to the [`connector`].
    pub(crate) fn negotiation(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }
}

/// Whether every host is this machine.
pub(crate) fn is_local(server: &Config) -> bool {
    let local_host = |host: &Host| match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback()),
        Host::Unix(_) => true,
    };
    server.get_hosts().iter().all(local_host) && server.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback)
}

/// What makes TLS out of a connection, as `options` want it.
pub(crate) fn connector(options: &PostgresOptions) -> Result<MakeRustlsConnect, TlsError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let building = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|fault| TlsError::Library(fault.to_string()))?;
    let any_certificate = match options.tls {
        TlsMode::Disable | TlsMode::Prefer => true,
        TlsMode::Require => options.root_certificates.is_none(),
        TlsMode::VerifyCa | TlsMode::VerifyFull => false,
    };
    let config = if any_certificate {
        let verifier = AnyCertificate(provider);
        building
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
    } else if options.tls == TlsMode::VerifyFull {
        building.with_root_certificates(authorities(options)?)
    } else {
        let whole = WebPkiServerVerifier::builder_with_provider(Arc::new(authorities(options)?), provider)
            .build()
            .map_err(|error| TlsError::Library(error.to_string()))?;
        building
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyName(whole)))
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

/// Those of `sslrootcert`, or else the system's and the extra ones.
fn authorities(options: &PostgresOptions) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = &options.root_certificates {
        add_file(&mut roots, path)?;
        return Ok(roots);
    }
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &options.extra_authorities {
        add_file(&mut roots, path)?;
    }
    if roots.is_empty() {
        return Err(TlsError::NoAuthorities);
    }
    Ok(roots)
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), TlsError> {
    let fault = |reason: String| TlsError::File {
        path: path.to_owned(),
        reason,
    };
    let before = roots.len();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(with_causes(&error)))? {
        let certificate = certificate.map_err(|error| fault(with_causes(&error)))?;
        roots.add(certificate).map_err(|error| fault(error.to_string()))?;
    }
    if roots.len() == before {
        return Err(fault("no certificate in PEM form in it".to_owned()));
    }
    Ok(())
}

/// Takes any certificate, but sees to it that the server has its key. It keeps out whoever listens, not whoever stands in
/// between.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsFault> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

/// Takes a certificate of a trusted authority for any name.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsFault> {
        // The name is compared last, once everything else is found in order.
        match self
            .0
            .verify_server_cert(certificate, intermediates, name, ocsp_response, now)
        {
            Err(TlsFault::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsFault> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
