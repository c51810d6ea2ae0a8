//! Certificates for tests, by the `openssl` command: what makes them here takes no part in the build.

use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

const AUTHORITY: &str = "authority";

/// Sections are named for the files that they describe. An authority's own certificate is refused as a server's, so
/// there are both.
const EXTENSIONS: &str = "\
[req]
distinguished_name = subject
prompt = no
[subject]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[right_name]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
[wrong_name]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:mail.elsewhere.example
";

/// Writes `authority.pem`, and `right_name` and `wrong_name` as `.pem` and `.key`, to `folder`. Valid for two days.
pub(super) fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("extensions"), EXTENSIONS)?;
    let mut authority = request(AUTHORITY);
    authority.extend(["-x509", "-days", "2", "-extensions", AUTHORITY, "-out", "authority.pem"].map(str::to_owned));
    openssl(folder, &authority)?;
    for name in ["right_name", "wrong_name"] {
        let mut server = request(name);
        server.extend(["-out".to_owned(), format!("{name}.csr")]);
        openssl(folder, &server)?;
        let sign = format!(
            "x509 -req -days 2 -in {name}.csr -out {name}.pem -CA authority.pem -CAkey authority.key -CAcreateserial \
             -extfile extensions -extensions {name}"
        );
        openssl(folder, &sign.split(' ').map(str::to_owned).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// The arguments that ask for a certificate with a new key.
fn request(name: &str) -> Vec<String> {
    let fixed = "req -new -config extensions -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    let own = [format!("-subj=/CN={name}"), format!("-keyout={name}.key")];
    let words = fixed.split(' ').map(str::to_owned);
    words
        .chain(own.iter().flat_map(|option| option.splitn(2, '=').map(str::to_owned)))
        .collect()
}

fn openssl(folder: &Path, arguments: &[String]) -> Result<()> {
    let done = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .context("openssl")?;
    let said = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "openssl {}: {said}", arguments.join(" "));
    Ok(())
}
