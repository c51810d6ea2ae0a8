use super::*;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

/// The message, keys and signatures of RFC 8463, appendix A.
const HEADERS: [&str; 5] = [
    "From: Joe SixPack <joe@football.example.com>",
    "To: Suzie Q <suzie@shopping.example.net>",
    "Subject: Is dinner ready?",
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>",
];
const BODY: &str = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
const BODY_HASH: &str = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=";
const UNSIGNED: &str = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; \
    i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : \
    from : subject : date;\r\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
const SIGNATURE: &str = "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==";
/// RFC 8410's form of the secret key `nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=`.
const ED25519: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";

const MESSAGE: &str = "From: \"A\" <a@id.example.org>\r\nTo: <b@example.org>\r\nSubject: one\r\n\ttwo\r\n\
    Date: Sat, 21 Nov 2026 06:14:07 +0000\r\n\r\nHello \t you \r\n\r\n\r\n";

fn signer(pem: &str) -> DkimSigner {
    DkimSigner::new("football.example.com", "brisbane", &pem.into()).unwrap()
}

fn rsa_pem() -> String {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der>::as_der(&pair).unwrap();
    let base64 = STANDARD.encode(der.as_ref());
    format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n")
}

/// The signature in a message, and what it is over.
fn taken_apart(signed: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (headers, _) = parts_of(signed);
    let own = std::str::from_utf8(headers[0]).unwrap();
    let (unsigned, signature) = own.split_at(own.rfind("b=").unwrap() + 2);
    let signature: String = signature.split_whitespace().collect();
    let input = signing_input(&headers[1..], &SIGNED, unsigned.as_bytes());
    (STANDARD.decode(signature).unwrap(), input)
}

#[test]
fn the_example_of_rfc_8463_is_signed_as_there() {
    let headers: Vec<&[u8]> = HEADERS.iter().map(|header| header.as_bytes()).collect();
    let names = ["from", "to", "subject", "date", "message-id", "from", "subject", "date"];
    assert_eq!(STANDARD.encode(body_hash(BODY.as_bytes())), BODY_HASH);
    let input = signing_input(&headers, &names, UNSIGNED.as_bytes());
    assert_eq!(STANDARD.encode(signer(ED25519).key.sign(&input).unwrap()), SIGNATURE);
}

/// RFC 6376 §3.4.5 and §3.4.4.
#[test]
fn white_space_is_relaxed_as_in_rfc_6376() {
    let message = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
    let (headers, body) = parts_of(message);
    assert_eq!(headers, [&b"A: X"[..], &b"B : Y\t\r\n\tZ  "[..]]);
    assert_eq!(signing_input(&headers, &["a"], headers[1]), b"a:X\r\nb:Y Z");
    assert_eq!(body_hash(body).as_ref(), digest(&SHA256, b" C\r\nD E\r\n").as_ref());
    assert_eq!(body_hash(b"\r\n\r\n").as_ref(), digest(&SHA256, b"").as_ref());
    assert_eq!(
        body_hash(b"a\r\n\r\nb").as_ref(),
        digest(&SHA256, b"a\r\n\r\nb\r\n").as_ref()
    );
}

#[test]
fn a_message_is_signed_with_rsa() {
    let pem = rsa_pem();
    let signer = signer(&pem);
    let mut message = MESSAGE.as_bytes().to_vec();
    signer.sign(&mut message).unwrap();
    assert!(message.ends_with(MESSAGE.as_bytes()));
    let head = String::from_utf8(message.clone()).unwrap();
    assert!(head.starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=football.example.com;"));
    assert!(head.lines().all(|line| line.len() <= 120), "{head}");
    let (signature, input) = taken_apart(&message);
    let Key::Rsa(pair) = &signer.key else { panic!() };
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    public.verify(&input, &signature).unwrap();
    public.verify(b"another", &signature).unwrap_err();
}

#[test]
fn a_second_subject_breaks_the_signature() {
    let names = ["Subject", "Subject"];
    let one = signing_input(&[b"Subject: a"], &names, b"X:");
    let two = signing_input(&[b"Subject: b", b"Subject: a"], &names, b"X:");
    assert_ne!(one, two);
}

#[test]
fn the_same_message_gets_the_same_signature() {
    for pem in [ED25519.to_owned(), rsa_pem()] {
        let signer = signer(&pem);
        let [mut first, mut second] = [MESSAGE.as_bytes().to_vec(), MESSAGE.as_bytes().to_vec()];
        signer.sign(&mut first).unwrap();
        signer.sign(&mut second).unwrap();
        assert_eq!(first, second);
    }
}

#[test]
fn what_is_wrong_with_a_signer_is_said_without_its_key() {
    let ecdsa = "-----BEGIN EC PRIVATE KEY-----\nMAA=\n-----END EC PRIVATE KEY-----\n";
    for (domain, selector, key, error) in [
        ("localhost", "s", ED25519, DkimError::Domain),
        ("x.example; l=0", "s", ED25519, DkimError::Domain),
        ("bücher.example", "s", ED25519, DkimError::Domain),
        ("x.example", "", ED25519, DkimError::Selector),
        ("x.example", "s\r\nBcc:", ED25519, DkimError::Selector),
        ("x.example", "s", "MC4CAQAwBQYDK2VwBCIEIJ1h", DkimError::Pem),
        ("x.example", "s", ecdsa, DkimError::Key),
    ] {
        assert_eq!(
            DkimSigner::new(domain, selector, &key.into()).unwrap_err(),
            error,
            "{domain:?} {selector:?}"
        );
    }
    let shown = format!("{:?}", signer(ED25519));
    assert!(!shown.contains("MC4C") && shown.contains("ed25519-sha256"), "{shown}");
}
