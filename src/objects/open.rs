//! How a store is reached: whose, where, how patiently.

use std::sync::{Arc, Once};
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::http::HttpBuilder;
use object_store::{ClientConfigKey, ClientOptions, ObjectStore, RetryConfig};
use tokio::runtime::Runtime;

use super::words;
use super::{Address, StoreError, StoreProblem};

/// Seconds for which a request that fails is repeated, unless `SHOCKSWEEP_STORE_PATIENCE` says otherwise.
const PATIENCE: u64 = 180;

/// Time for the machine to say who it is.
const ASKED_MACHINE: Duration = Duration::from_secs(3);

/// Time to connect at most.
const CONNECT: Duration = Duration::from_secs(10);

/// Time for a request and its answer at most: a piece of an object on a slow line.
const ANSWER: Duration = Duration::from_secs(300);

/// Opens what an address names; nothing is asked of it yet.
pub(super) fn open(
    address: &Address,
    runtime: &Runtime,
) -> Result<Arc<dyn ObjectStore>, StoreError> {
    // The one that is built in; another that the process has already is as good.
    static ENCRYPTION: Once = Once::new();
    ENCRYPTION.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let wrong = |e: object_store::Error| StoreError::new(address.text(), words::problem(&e));
    if !address.is_s3() {
        if address.is_plain_http() && !allows_http() {
            return Err(StoreError::new(address.text(), StoreProblem::PlainHttp));
        }
        let options = ClientOptions::new()
            .with_allow_http(allows_http())
            .with_connect_timeout(CONNECT)
            .with_timeout(ANSWER);
        let web = HttpBuilder::new().with_url(address.text()).with_client_options(options);
        return Ok(Arc::new(web.with_retry(retries()).build().map_err(wrong)?));
    }
    let timeouts = [(ClientConfigKey::ConnectTimeout, CONNECT), (ClientConfigKey::Timeout, ANSWER)];
    let mut builder = AmazonS3Builder::new();
    for (key, time) in timeouts {
        let key = AmazonS3ConfigKey::Client(key);
        builder = builder.with_config(key, format!("{}s", time.as_secs()));
    }
    // As `AmazonS3Builder::from_env`, over what is said above.
    for (name, value) in std::env::vars_os() {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
        if name.starts_with("AWS_")
            && let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>()
        {
            builder = builder.with_config(key, value);
        }
    }
    let endpoint = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint]
        .iter()
        .find_map(|key| builder.get_config_value(key));
    if endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")) && !allows_http() {
        return Err(StoreError::new(address.text(), StoreProblem::PlainHttp));
    }
    let mut builder = builder.with_bucket_name(address.parts().0);
    if !names_caller(&builder) {
        // The machine may have a role. Whether it has is known at once; most machines have none, and nobody would
        // wait for that as long as for a store that is busy.
        let brief = RetryConfig { retry_timeout: ASKED_MACHINE, ..retries() };
        let asked = builder.clone().with_retry(brief).build().map_err(wrong)?;
        let provider = Arc::clone(asked.credentials());
        let found = runtime.block_on(provider.get_credential());
        found.map_err(|_| StoreError::new(address.text(), StoreProblem::NoCredentials))?;
        builder = builder.with_credentials(provider);
    }
    Ok(Arc::new(builder.with_retry(retries()).build().map_err(wrong)?))
}

/// Whether the environment says who asks, or that nobody in particular does.
fn names_caller(builder: &AmazonS3Builder) -> bool {
    let has = |key| builder.get_config_value(&key).is_some_and(|value| !value.is_empty());
    let is_public = builder.get_config_value(&AmazonS3ConfigKey::SkipSignature);
    is_public.is_some_and(|value| matches!(value.as_str(), "1" | "true" | "TRUE"))
        || has(AmazonS3ConfigKey::AccessKeyId)
        || has(AmazonS3ConfigKey::SecretAccessKey)
        || has(AmazonS3ConfigKey::WebIdentityTokenFile)
        || has(AmazonS3ConfigKey::ContainerCredentialsRelativeUri)
        || has(AmazonS3ConfigKey::ContainerCredentialsFullUri)
}

/// Whether plain HTTP is allowed.
fn allows_http() -> bool {
    std::env::var("AWS_ALLOW_HTTP")
        .is_ok_and(|value| matches!(value.as_str(), "1" | "true" | "TRUE"))
}

/// How long requests that fail are repeated.
fn retries() -> RetryConfig {
    let given = std::env::var("SHOCKSWEEP_STORE_PATIENCE").ok();
    let seconds = given.and_then(|text| text.trim().parse().ok()).unwrap_or(PATIENCE);
    RetryConfig {
        retry_timeout: Duration::from_secs(seconds),
        max_retries: usize::from(u16::MAX),
        ..RetryConfig::default()
    }
}
