//! Who may ask.
//!
//! A page of somebody else's, open in the same browser, can send requests to this machine too. It cannot set the
//! header that holds the token without asking first (no `Access-Control-*` is ever answered), it has another
//! `Origin`, and a name that it lets point here is another `Host`.

use std::net::{IpAddr, SocketAddr};

use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use hyper::{StatusCode, Uri};

/// Shortest token that a person may choose, bytes.
pub const SHORTEST: usize = 16;
/// Random bytes of a token.
const RANDOM: usize = 24;

/// The word without which nothing is answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A random one, as hexadecimal digits.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn random() -> Result<Self, std::io::Error> {
        let mut bytes = [0; RANDOM];
        getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Token(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// One that a person chose: at least 16 letters, digits, `-`, `_` or `.`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn chosen(text: &str) -> Result<Self, String> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if text.len() < SHORTEST || !text.chars().all(is_plain) {
            return Err(format!(
                "a token has at least {SHORTEST} letters, digits, `-`, `_` or `.`; this one has {}",
                text.chars().count()
            ));
        }
        Ok(Token(text.to_string()))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this word, in a time that depends on the lengths alone.
    fn is(&self, given: &[u8]) -> bool {
        let own = self.0.as_bytes();
        let differ = own.iter().zip(given).fold(0, |found, (a, b)| found | (a ^ b));
        own.len() == given.len() && differ == 0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

/// Checks requests.
#[derive(Debug, Clone)]
pub struct Guard {
    token: Token,
    port: u16,
    /// Whether the server listens to other machines; then any address of it may be asked.
    is_open: bool,
    /// Further names that it may be asked by.
    names: Vec<String>,
}

/// Why a request is refused.
pub type Refusal = (StatusCode, &'static str);

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Guard {
    /// For a server at `address`; `names` are further names of this machine.
    pub fn new(token: Token, address: SocketAddr, names: Vec<String>) -> Self {
        Guard { token, port: address.port(), is_open: !address.ip().is_loopback(), names }
    }

    /// Whether a request is meant for this server, and comes from its own page.
    ///
    /// # Errors
    /// Another host, another origin, or a page elsewhere.
    pub fn admits(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().unwrap_or(""),
            _ => "",
        };
        if !self.is_own(host) || uri.authority().is_some_and(|a| a.as_str() != host) {
            return Err((
                StatusCode::MISDIRECTED_REQUEST,
                "this is not the host that was asked for",
            ));
        }
        let own = format!("http://{host}");
        let is_own = |origin: &HeaderValue| origin.as_bytes() == own.as_bytes();
        if !headers.get_all(ORIGIN).iter().all(is_own) {
            return Err((StatusCode::FORBIDDEN, "asked by a page of another origin"));
        }
        let is_near = |site: &HeaderValue| matches!(site.as_bytes(), b"same-origin" | b"none");
        if !headers.get_all(FETCH_SITE).iter().all(is_near) {
            return Err((StatusCode::FORBIDDEN, "asked by a page of another site"));
        }
        Ok(())
    }

    /// Whether a request has the token.
    ///
    /// # Errors
    /// None, or another.
    pub fn knows(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let word = given.and_then(|given| given.strip_prefix(b"Bearer "));
        match word.is_some_and(|word| self.token.is(word)) {
            true => Ok(()),
            false => Err((
                StatusCode::UNAUTHORIZED,
                "the link of another start, or none: open the one that `shocksweep explore` printed",
            )),
        }
    }

    /// Whether a host, with its port, is this server. Addresses are safe: nobody can let them point elsewhere.
    fn is_own(&self, host: &str) -> bool {
        let Some((name, port)) = host.rsplit_once(':') else { return false };
        if port.parse() != Ok(self.port) {
            return false;
        }
        let name = name.trim_start_matches('[').trim_end_matches(']');
        let is_address = |address: IpAddr| self.is_open || address.is_loopback();
        name.eq_ignore_ascii_case("localhost")
            || name.parse().is_ok_and(is_address)
            || self.names.iter().any(|own| own.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(address: &str) -> Guard {
        let token = Token::chosen("0123456789abcdef").unwrap();
        Guard::new(token, address.parse().unwrap(), vec!["lab".to_string()])
    }

    fn headers(rows: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in rows {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn hosts_that_are_this_server() {
        let near = guard("127.0.0.1:8080");
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080", "lab:8080"]
        {
            assert!(near.is_own(host), "{host}");
        }
        for host in [
            "",
            "127.0.0.1",
            "127.0.0.1:80",
            "evil.example:8080",
            "10.0.0.5:8080",
            "localhost.:8080",
            "localhost:8080:8080",
        ] {
            assert!(!near.is_own(host), "{host}");
        }
        let open = guard("0.0.0.0:8080");
        assert!(open.is_own("10.0.0.5:8080") && !open.is_own("evil.example:8080"));
    }

    #[test]
    fn origins_and_sites() {
        let near = guard("127.0.0.1:8080");
        let admits = |rows: &[(&'static str, &'static str)]| {
            near.admits(&Uri::from_static("/"), &headers(rows))
                .map_err(|refusal| refusal.0.as_u16())
        };
        let host = ("host", "127.0.0.1:8080");
        assert_eq!(admits(&[host]), Ok(()));
        assert_eq!(admits(&[host, ("origin", "http://127.0.0.1:8080")]), Ok(()));
        assert_eq!(admits(&[host, ("origin", "http://localhost:8080")]), Err(403));
        assert_eq!(admits(&[host, ("origin", "null")]), Err(403));
        assert_eq!(admits(&[host, ("sec-fetch-site", "cross-site")]), Err(403));
        assert_eq!(admits(&[host, ("sec-fetch-site", "same-site")]), Err(403));
        assert_eq!(admits(&[host, ("sec-fetch-site", "none")]), Ok(()));
        assert_eq!(admits(&[]), Err(421));
        assert_eq!(admits(&[host, host]), Err(421));
        let elsewhere = Uri::from_static("http://evil.example/");
        assert!(near.admits(&elsewhere, &headers(&[host])).is_err());
    }

    #[test]
    fn tokens() {
        let near = guard("127.0.0.1:8080");
        let knows = |value: &'static str| near.knows(&headers(&[("authorization", value)])).is_ok();
        assert!(knows("Bearer 0123456789abcdef"));
        for wrong in
            ["Bearer 0123456789abcdee", "Bearer 0123456789abcde", "0123456789abcdef", "Bearer "]
        {
            assert!(!knows(wrong), "{wrong}");
        }
        assert!(near.knows(&HeaderMap::new()).is_err());
        assert!(Token::chosen("short").is_err() && Token::chosen("0123456789abcde f").is_err());
        let (a, b) = (Token::random().unwrap(), Token::random().unwrap());
        assert!(a.as_str().len() == 48 && a != b);
        assert_eq!(format!("{a:?}"), "Token(..)");
    }
}
