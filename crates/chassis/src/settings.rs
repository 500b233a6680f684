use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{Authenticate, Key, Secret, Service};

/// What every service is configured with.
const KEYS: [Key; 8] = [
    Key::with_default("listen", "address and port to serve on; port 0 takes any free one", "127.0.0.1:8080"),
    Key::required("database_url", "postgres://… or sqlite:/path/to/file.db").secret(),
    Key::required("broker_url", "amqp://…, or local:/path/to/bus.db for services in one process").secret(),
    Key::optional("token_public_key", "the gateway's public key, 32 bytes in hex or base64; needed by every service"),
    Key::with_default("pool_size", "database connections at most", "8"),
    Key::optional("workers", "threads that serve requests; as many as there are cores by default"),
    Key::with_default("log", "what is logged, such as info or info,registry=debug", "info"),
    Key::optional("log_format", "json or text; by default text on a terminal and json elsewhere"),
];

/// The configuration of one service.
#[derive(Clone)]
pub struct Settings {
    pub listen: SocketAddr,
    pub database_url: Secret,
    pub broker_url: Secret,
    /// The gateway's; zeros where the service authenticates callers itself.
    pub token_public_key: [u8; 32],
    pub pool_size: usize,
    pub workers: usize,
    pub log: String,
    pub log_format: Option<LogFormat>,
    /// The service's own keys.
    pub extra: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Text,
}

/// Everything that is wrong with a configuration.
#[derive(Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<String>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration has mistakes:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

impl std::error::Error for Mistakes {}

impl Settings {
    /// Defaults for a service within a larger process: any free port of this machine.
    #[must_use]
    pub fn embedded(
        database_url: impl Into<Secret>,
        broker_url: impl Into<Secret>,
        token_public_key: [u8; 32],
    ) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database_url: database_url.into(),
            broker_url: broker_url.into(),
            token_public_key,
            pool_size: 8,
            workers: 1,
            log: "info".to_owned(),
            log_format: None,
            extra: BTreeMap::new(),
        }
    }

    /// Reads the environment, and the file if there is one; the environment wins.
    ///
    /// # Errors
    /// Every mistake at once, none of them showing a secret.
    pub fn load(
        service: &Service,
        environment: impl IntoIterator<Item = (String, String)>,
        file: Option<&Path>,
    ) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(service);
        if let Some(path) = file {
            match std::fs::read_to_string(path) {
                Ok(text) => reader.read_toml(&path.display().to_string(), &text),
                Err(error) => reader.mistakes.push(format!("{}: {error}", path.display())),
            }
        }
        reader.read_environment(environment);
        reader.settings()
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("listen", &self.listen)
            .field("database_url", &self.database_url)
            .field("broker_url", &self.broker_url)
            .field("pool_size", &self.pool_size)
            .field("workers", &self.workers)
            .field("extra", &self.extra.keys())
            .finish_non_exhaustive()
    }
}

/// The names of all keys of a service and what they mean, for `--help`.
pub(crate) fn described(service: &Service) -> String {
    let heading = "Configuration, from the environment (add _FILE to read a value from a file) or --config:\n";
    heading.to_owned() + &lines(service, KEYS.iter().chain(service.keys))
}

impl Service {
    /// The keys that this service alone has and that nobody must give, a line each, for the help of a program around it.
    #[must_use]
    pub fn choices_described(&self) -> String {
        lines(self, self.keys.iter().filter(|key| !key.required))
    }
}

fn lines<'a>(service: &Service, keys: impl Iterator<Item = &'a Key>) -> String {
    let line = |key: &Key| {
        let fallback = match (key.default, key.required) {
            (Some(default), _) => format!(" [{default}]"),
            (None, true) => " (required)".to_owned(),
            (None, false) => String::new(),
        };
        format!("  {}  {}{fallback}\n", variable(service, key.name), key.about)
    };
    keys.map(line).collect()
}

fn prefix(service: &Service) -> String {
    format!("GUANXI_{}__", service.name.to_uppercase().replace('-', "_"))
}

fn variable(service: &Service, key: &str) -> String {
    format!("{}{}", prefix(service), key.to_uppercase())
}

struct Reader<'a> {
    service: &'a Service,
    known: BTreeMap<&'static str, Key>,
    values: BTreeMap<&'static str, Given>,
    mistakes: Vec<String>,
}

struct Given {
    value: String,
    /// What to call it in a message.
    origin: String,
}

impl<'a> Reader<'a> {
    fn new(service: &'a Service) -> Self {
        let known = KEYS.iter().chain(service.keys).map(|key| (key.name, *key)).collect();
        Self { service, known, values: BTreeMap::new(), mistakes: vec![] }
    }

    fn read_environment(&mut self, environment: impl IntoIterator<Item = (String, String)>) {
        let prefix = prefix(self.service);
        let own: BTreeMap<String, String> =
            environment.into_iter().filter(|(name, _)| name.starts_with(&prefix)).collect();
        self.read(own.into_iter().map(|(name, value)| (name[prefix.len()..].to_lowercase(), name, value)));
    }

    fn read_toml(&mut self, path: &str, text: &str) {
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            // The parser's own message quotes the line, which may hold a secret.
            Err(_) => return self.mistakes.push(format!("{path}: is not TOML")),
        };
        let mut given = vec![];
        for (name, value) in table {
            let origin = format!("{path}: {name}");
            match value {
                toml::Value::String(text) => given.push((name, origin, text)),
                toml::Value::Integer(number) => given.push((name, origin, number.to_string())),
                toml::Value::Boolean(truth) => given.push((name, origin, truth.to_string())),
                _ => self.mistakes.push(format!("{origin} must be a text, a number or a truth value")),
            }
        }
        self.read(given);
    }

    /// Takes triples of key, what to call it, and value.
    fn read(&mut self, given: impl IntoIterator<Item = (String, String, String)>) {
        let mut seen = BTreeSet::new();
        for (key, origin, value) in given {
            let from_file = key.strip_suffix("_file").and_then(|name| self.known.get_key_value(name));
            let (name, value) = match (self.known.get_key_value(key.as_str()), from_file) {
                (Some((name, _)), _) => (*name, Ok(value)),
                (None, Some((name, _))) => {
                    let content = std::fs::read_to_string(&value);
                    (*name, content.map(|text| text.trim_end().to_owned()).map_err(|error| (value, error)))
                }
                (None, None) => {
                    self.mistakes.push(format!("{origin} is not known; see --help for the keys"));
                    continue;
                }
            };
            if !seen.insert(name) {
                self.mistakes.push(format!("{origin} is given twice, by itself and from a file"));
            }
            match value {
                Ok(value) => {
                    self.values.insert(name, Given { value, origin });
                }
                Err((path, error)) => self.mistakes.push(format!("{origin}: {path}: {error}")),
            }
        }
    }

    fn settings(mut self) -> Result<Settings, Mistakes> {
        let settings = Settings {
            listen: self
                .parse("listen", "an address and port such as 0.0.0.0:8080", parse)
                .unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0))),
            database_url: self.parse("database_url", "postgres://… or sqlite:…", database_url).unwrap_or_else(none),
            broker_url: self.parse("broker_url", "amqp://…, amqps://… or local:…", broker_url).unwrap_or_else(none),
            token_public_key: self.token_public_key(),
            pool_size: self.parse("pool_size", "a number from 1 to 1000", |text| number(text, 1000)).unwrap_or(1),
            workers: self.parse("workers", "a number from 1 to 1000", |text| number(text, 1000)).unwrap_or_else(cores),
            log: self.text("log").unwrap_or_default(),
            log_format: self.parse("log_format", "json or text", log_format),
            extra: self.extra(),
        };
        if self.mistakes.is_empty() { Ok(settings) } else { Err(Mistakes(self.mistakes)) }
    }

    fn token_public_key(&mut self) -> [u8; 32] {
        let key = self.parse("token_public_key", "32 bytes in hex or base64", public_key);
        let is_needed = matches!(self.service.authenticate, Authenticate::InternalToken);
        if is_needed && key.is_none() && !self.values.contains_key("token_public_key") {
            self.mistakes.push(format!("{} is required", variable(self.service, "token_public_key")));
        }
        key.unwrap_or_default()
    }

    fn extra(&mut self) -> BTreeMap<String, String> {
        let keys = self.service.keys;
        keys.iter().filter_map(|key| Some((key.name.to_owned(), self.text(key.name)?))).collect()
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.parse(name, "a text", |text| Some(text.to_owned()))
    }

    /// The value, or its default; a missing or wrong one is noted.
    fn parse<T>(&mut self, name: &str, expected: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let key = self.known.get(name)?;
        let Some(Given { value, origin }) = self.values.get(name) else {
            if key.required {
                self.mistakes.push(format!("{} is required: {}", variable(self.service, name), key.about));
            }
            return key.default.and_then(parse);
        };
        let parsed = parse(value);
        if parsed.is_none() {
            let shown = if key.secret { String::new() } else { format!(", not {value:?}") };
            self.mistakes.push(format!("{origin} must be {expected}{shown}"));
        }
        parsed
    }
}

fn none() -> Secret {
    Secret::from("")
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn parse<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn number(text: &str, most: usize) -> Option<usize> {
    parse(text).filter(|number| (1..=most).contains(number))
}

fn with_scheme(text: &str, schemes: &[&str]) -> Option<Secret> {
    schemes.iter().any(|scheme| text.starts_with(scheme)).then(|| text.into())
}

fn database_url(text: &str) -> Option<Secret> {
    with_scheme(text, &["postgres://", "postgresql://", "sqlite:"])
}

fn broker_url(text: &str) -> Option<Secret> {
    with_scheme(text, &["amqp://", "amqps://", "local:"])
}

fn log_format(text: &str) -> Option<LogFormat> {
    match text {
        "json" => Some(LogFormat::Json),
        "text" => Some(LogFormat::Text),
        _ => None,
    }
}

fn public_key(text: &str) -> Option<[u8; 32]> {
    let bytes = match text.len() {
        64 => (0..32).map(|i| u8::from_str_radix(text.get(2 * i..2 * i + 2)?, 16).ok()).collect::<Option<Vec<u8>>>()?,
        _ => STANDARD.decode(text).ok()?,
    };
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: Service = Service {
        name: "registry",
        about: "for the tests here",
        migrations: Vec::new,
        openapi: utoipa::openapi::OpenApi::default,
        routes: |_| {},
        subscriptions: &[],
        republish: None,
        prepare: None,
        background: &[],
        authenticate: Authenticate::InternalToken,
        keys: &[
            Key::with_default("region", "where it runs", "cn-north"),
            Key::optional("api_key", "what it calls others with").secret(),
        ],
        configure: None,
    };

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn load(environment: &[(&str, &str)], file: Option<&str>) -> Result<Settings, Mistakes> {
        let folder = tempfile::tempdir().unwrap();
        let path = file.map(|text| {
            let path = folder.path().join("registry.toml");
            std::fs::write(&path, text).unwrap();
            path
        });
        let environment = environment
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .chain([("PATH".to_owned(), "/bin".to_owned()), ("GUANXI_SCORING__NONSENSE".to_owned(), "x".to_owned())]);
        Settings::load(&SERVICE, environment, path.as_deref()).map_err(|Mistakes(mistakes)| {
            let folder = format!("{}/", folder.path().display());
            Mistakes(mistakes.into_iter().map(|mistake| mistake.replace(&folder, "")).collect())
        })
    }

    #[test]
    fn the_environment_wins_over_the_file_and_both_over_defaults() {
        let settings = load(
            &[
                ("GUANXI_REGISTRY__DATABASE_URL", "sqlite:/data/registry.db"),
                ("GUANXI_REGISTRY__TOKEN_PUBLIC_KEY", KEY),
                ("GUANXI_REGISTRY__POOL_SIZE", "3"),
            ],
            Some("broker_url = \"amqp://guest:guest@broker\"\npool_size = 20\nworkers = 2\nregion = \"eu\""),
        )
        .unwrap();
        assert_eq!(settings.listen, "127.0.0.1:8080".parse().unwrap());
        assert_eq!(settings.database_url.expose(), "sqlite:/data/registry.db");
        assert_eq!(settings.broker_url.expose(), "amqp://guest:guest@broker");
        assert_eq!(settings.token_public_key[31], 31);
        assert_eq!((settings.pool_size, settings.workers), (3, 2));
        assert_eq!(settings.extra, BTreeMap::from([("region".to_owned(), "eu".to_owned())]));
    }

    #[test]
    fn all_mistakes_are_told_at_once_and_no_secret_with_them() {
        let Mistakes(mistakes) = load(
            &[
                ("GUANXI_REGISTRY__LISTEN", "everywhere"),
                ("GUANXI_REGISTRY__DATABASE_URL", "mysql://root:hunter2@db"),
                ("GUANXI_REGISTRY__POOLSIZE", "3"),
                ("GUANXI_REGISTRY__API_KEY", "hunter2"),
                ("GUANXI_REGISTRY__API_KEY_FILE", "/nowhere"),
                ("GUANXI_REGISTRY__TOKEN_PUBLIC_KEY", "short"),
            ],
            Some("workers = 0\nlog_format = [\"json\"]\ncolour = \"red\""),
        )
        .unwrap_err();
        insta::assert_debug_snapshot!(mistakes, @r#"
        [
            "registry.toml: log_format must be a text, a number or a truth value",
            "registry.toml: colour is not known; see --help for the keys",
            "GUANXI_REGISTRY__API_KEY_FILE is given twice, by itself and from a file",
            "GUANXI_REGISTRY__API_KEY_FILE: /nowhere: No such file or directory (os error 2)",
            "GUANXI_REGISTRY__POOLSIZE is not known; see --help for the keys",
            "GUANXI_REGISTRY__LISTEN must be an address and port such as 0.0.0.0:8080, not \"everywhere\"",
            "GUANXI_REGISTRY__DATABASE_URL must be postgres://… or sqlite:…",
            "GUANXI_REGISTRY__BROKER_URL is required: amqp://…, or local:/path/to/bus.db for services in one process",
            "GUANXI_REGISTRY__TOKEN_PUBLIC_KEY must be 32 bytes in hex or base64, not \"short\"",
            "registry.toml: workers must be a number from 1 to 1000, not \"0\"",
        ]
        "#);
    }

    #[test]
    fn a_secret_comes_from_a_file_and_is_never_printed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("database-url");
        std::fs::write(&path, "postgres://registry:hunter2@db/registry\n").unwrap();
        let hex = "00".repeat(31) + "ff";
        let settings = load(
            &[
                ("GUANXI_REGISTRY__DATABASE_URL_FILE", path.to_str().unwrap()),
                ("GUANXI_REGISTRY__BROKER_URL", "local:/data/bus.db"),
                ("GUANXI_REGISTRY__API_KEY", "hunter2"),
                ("GUANXI_REGISTRY__TOKEN_PUBLIC_KEY", &hex),
            ],
            None,
        )
        .unwrap();
        assert_eq!(settings.database_url.expose(), "postgres://registry:hunter2@db/registry");
        assert_eq!(settings.token_public_key[31], 255);
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn help_names_every_key() {
        let text = described(&SERVICE);
        assert!(text.contains("GUANXI_REGISTRY__DATABASE_URL  postgres://… or sqlite:/path/to/file.db (required)"));
        assert!(text.contains("GUANXI_REGISTRY__REGION  where it runs [cn-north]"));
    }
}
