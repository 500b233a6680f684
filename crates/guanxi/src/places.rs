//! Where each service keeps its state in this process: files in the data folder, or the servers that were named.

use reqwest::Url;

use crate::cli::Storage;
use crate::folder::Folder;

pub struct Places<'a> {
    folder: &'a Folder,
    storage: &'a Storage,
}

impl<'a> Places<'a> {
    pub fn new(folder: &'a Folder, storage: &'a Storage) -> Self {
        Self { folder, storage }
    }

    pub fn database_url(&self, service: &str) -> String {
        match &self.storage.database_url_template {
            Some(template) => template.replace("{service}", service),
            None => self.folder.database_url(service),
        }
    }

    pub fn broker_url(&self) -> String {
        self.storage.broker_url.clone().unwrap_or_else(|| self.folder.bus_url())
    }

    /// The configuration of a service: what belongs to this way of running over what the environment says.
    pub fn environment(&self, service: &str, own: &[(&str, String)]) -> Vec<(String, String)> {
        let prefix = format!("GUANXI_{}__", service.to_uppercase());
        // Several services share the machine: one thread each unless somebody asks for more.
        let mut defaults = vec![(format!("{prefix}WORKERS"), "1".to_owned())];
        if service == complaints::SERVICE.name {
            // A path of this machine always has an address.
            let attachments = Url::from_directory_path(self.folder.file("attachments"));
            defaults.extend(attachments.map(|url| (format!("{prefix}ATTACHMENTS_URL"), url.to_string())));
        }
        let given =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        let fixed = [("DATABASE_URL", self.database_url(service)), ("BROKER_URL", self.broker_url())];
        let fixed = fixed.iter().chain(own).map(|(key, value)| (format!("{prefix}{key}"), value.clone()));
        defaults.into_iter().chain(given).chain(fixed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_replace_files() {
        let data = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(data.path()).expect("a folder");
        let mut storage = Storage::folder(data.path());
        let name = data.path().canonicalize().expect("a folder");
        let places = Places::new(&folder, &storage);
        assert_eq!(places.database_url("scoring"), format!("sqlite:{}/scoring.db", name.display()));
        assert_eq!(places.broker_url(), format!("local:{}/bus.db", name.display()));

        storage.database_url_template = Some("postgres://h/guanxi_{service}".to_owned());
        storage.broker_url = Some("amqp://h".to_owned());
        let places = Places::new(&folder, &storage);
        assert_eq!(places.database_url("scoring"), "postgres://h/guanxi_scoring");
        let environment = places.environment("scoring", &[("LISTEN", "127.0.0.1:0".to_owned())]);
        assert!(environment.contains(&("GUANXI_SCORING__BROKER_URL".to_owned(), "amqp://h".to_owned())));
        assert!(environment.contains(&("GUANXI_SCORING__LISTEN".to_owned(), "127.0.0.1:0".to_owned())));
    }
}
