//! Connecting to PostgreSQL, in the clear or with TLS by rustls.
//!
//! `sslmode` absent or `disable`: in the clear. `sslmode=require`, `verify-ca` or `verify-full`: TLS, and the server's
//! certificate and name are always verified, against `sslrootcert=PATH` (PEM) or the system's authorities.

use std::sync::Arc;

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Error, Result};

#[derive(Clone)]
pub struct Target {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Target {
    pub fn parse(url: &str) -> Result<Self> {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let mut kept = Vec::new();
        let (mut mode, mut authorities) = ("disable", None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("sslmode", value)) => mode = value,
                Some(("sslrootcert", path)) => authorities = Some(path),
                _ => kept.push(pair),
            }
        }
        let encrypted = match mode {
            "disable" => false,
            "require" | "verify-ca" | "verify-full" => true,
            _ => return Err(Error::other("sslmode is disable, require, verify-ca or verify-full")),
        };
        // The parser's own error may quote the URL, and with it the password.
        let mut config: Config = format!("{address}?{}", kept.join("&"))
            .parse()
            .map_err(|_| Error::other("the PostgreSQL URL cannot be read"))?;
        config.ssl_mode(if encrypted {
            tokio_postgres::config::SslMode::Require
        } else {
            tokio_postgres::config::SslMode::Disable
        });
        let tls = if encrypted { Some(MakeRustlsConnect::new(client_config(authorities)?)) } else { None };
        Ok(Self { config, tls })
    }

    pub async fn connect(self) -> ConnectionResult<AsyncPgConnection> {
        let failed = |error: tokio_postgres::Error| ConnectionError::BadConnection(error.to_string());
        match self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls).await.map_err(failed)?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(failed)?;
                AsyncPgConnection::try_from_client_and_connection(client, connection).await
            }
        }
    }
}

fn client_config(authorities: Option<&str>) -> Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    match authorities {
        Some(path) => {
            for certificate in CertificateDer::pem_file_iter(path).map_err(Error::other)? {
                roots.add(certificate.map_err(Error::other)?).map_err(Error::other)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        for (url, expected) in [
            ("postgres://u@localhost/x", Some(false)),
            ("postgres://u@localhost/x?sslmode=disable&application_name=a", Some(false)),
            ("postgres://u@localhost/x?sslmode=require", Some(true)),
            ("postgres://u@localhost/x?sslmode=prefer", None),
            ("postgres://u@localhost/x?sslmode=require&sslrootcert=/nowhere.pem", None),
            ("postgres://u:secret@localhost/x?nonsense=1", None),
        ] {
            let parsed = Target::parse(url);
            assert_eq!(parsed.as_ref().ok().map(|t| t.tls.is_some()), expected, "{url}");
            if let Err(error) = parsed {
                assert!(!format!("{error:?}").contains("secret"), "a password in an error");
            }
        }
    }
}
