use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    time::Duration,
};

use tempfile::TempDir;

use crate::{Api, Build, DeadLetter, Tap, broker::Broker, databases::Databases, keys::Keys, program::Program};

/// Every program of the distributed set-up.
pub const SERVICES: &[&str] = &["registry", "interactions", "complaints", "scoring", "gateway"];

/// A whole system, however it is put together. Its processes end, and its databases and queues go, with it.
pub struct System {
    api: Api,
    // In the order in which they must go: processes before what they use.
    programs: BTreeMap<&'static str, Program>,
    broker: Option<Broker>,
    databases: Option<Databases>,
    folder: Option<TempDir>,
}

impl System {
    /// One process, SQLite files, the bus inside.
    pub async fn embedded(build: &Build) -> Self {
        Self::embedded_with(build, &[]).await
    }

    /// With settings besides those that every such system needs.
    pub async fn embedded_with(build: &Build, settings: &[(&str, &str)]) -> Self {
        let folder = folder();
        let (keys, address) = (Keys::fresh(), free_address());
        let program = Program::new(build, "guanxi", &address, folder.path())
            .arg("--listen")
            .arg(&address)
            .arg("--data")
            .arg(folder.path().join("data").display().to_string())
            .set("GUANXI_BOOTSTRAP_API_KEY", &keys.api_key);
        let program = settings.iter().fold(program, |program, (name, value)| program.set(*name, *value));
        let mut system = Self {
            api: Api::new(&program.url(), Some(&keys.api_key)),
            programs: BTreeMap::from([("guanxi", program)]),
            broker: None,
            databases: None,
            folder: Some(folder),
        };
        system.start_all().await;
        system
    }

    /// A process, a PostgreSQL database and a RabbitMQ queue for each service.
    pub async fn distributed(build: &Build) -> Self {
        Self::distributed_with(build, &[]).await
    }

    /// With settings besides those that every such system needs; the gateway gets them.
    pub async fn distributed_with(build: &Build, settings: &[(&str, &str)]) -> Self {
        let (folder, keys) = (folder(), Keys::fresh());
        let (databases, broker) = (Databases::for_each(SERVICES).await, Broker::of_the_tests().await);
        let addresses: BTreeMap<_, _> = SERVICES.iter().map(|service| (*service, free_address())).collect();
        let programs = SERVICES.iter().map(|service| {
            let set = |key: &str| format!("GUANXI_{}__{key}", service.to_uppercase());
            let program = Program::new(build, service, &addresses[service], folder.path())
                .set(set("LISTEN"), &addresses[service])
                .set(set("DATABASE_URL"), databases.url_of(service, service))
                .set(set("BROKER_URL"), broker.url());
            let program = match *service {
                "gateway" => {
                    let program =
                        program.set(set("TOKEN_SEED"), &keys.seed).set("GUANXI_BOOTSTRAP_API_KEY", &keys.api_key);
                    let program = settings.iter().fold(program, |program, (name, value)| program.set(*name, *value));
                    SERVICES.iter().filter(|other| **other != "gateway").fold(program, |program, other| {
                        program
                            .set(set(&format!("{}_URL", other.to_uppercase())), format!("http://{}", addresses[other]))
                    })
                }
                _ => program.set(set("TOKEN_PUBLIC_KEY"), &keys.public_key),
            };
            (*service, program)
        });
        let mut system = Self {
            api: Api::new(&format!("http://{}", addresses["gateway"]), Some(&keys.api_key)),
            programs: programs.collect(),
            broker: Some(broker),
            databases: Some(databases),
            folder: Some(folder),
        };
        system.start_all().await;
        system
    }

    /// Starts one more process of a service, on the same database and queue. The gateway does not know of it.
    pub async fn replicate(&mut self, service: &str, replica: &'static str) {
        let address = free_address();
        let databases = self.databases.as_ref().expect("this system has no database server");
        let database_url = databases.url_of(service, replica);
        let set = |key: &str| format!("GUANXI_{}__{key}", service.to_uppercase());
        let program = self.program(service).twin(replica, &address);
        let program = program.set(set("LISTEN"), &address).set(set("DATABASE_URL"), database_url);
        self.programs.insert(replica, program);
        self.start(replica).await;
    }

    /// The running system that `GUANXI_URL` and `GUANXI_API_KEY` name.
    #[must_use]
    pub fn elsewhere() -> Self {
        let setting = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
        Self {
            api: Api::new(&setting("GUANXI_URL"), Some(&setting("GUANXI_API_KEY"))),
            programs: BTreeMap::new(),
            broker: None,
            databases: None,
            folder: None,
        }
    }

    #[must_use]
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// Ends every process as an operator would, and starts it again with the same data. Nothing to do for a system that
    /// others started.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.start_all().await;
    }

    /// Ends every process as an operator would; the data stay until the system is dropped.
    pub async fn stop(&mut self) {
        for program in self.programs.values_mut() {
            program.stop().await;
        }
    }

    /// Where the files of an embedded system are.
    #[must_use]
    pub fn data_folder(&self) -> Option<PathBuf> {
        self.databases.is_none().then(|| self.folder.as_ref().map(|folder| folder.path().join("data"))).flatten()
    }

    /// The address of a service's database.
    #[must_use]
    pub fn database_url(&self, service: &str) -> String {
        self.databases.as_ref().expect("this system has no database server").url(service)
    }

    async fn start_all(&mut self) {
        for program in self.programs.values_mut() {
            program.start();
        }
        for program in self.programs.values_mut() {
            program.ready().await;
        }
    }

    pub async fn kill(&mut self, program: &str) {
        self.program(program).kill().await;
    }

    /// Starts one process, and tells how long it took to be ready.
    pub async fn start(&mut self, program: &str) -> Duration {
        let program = self.program(program);
        program.start();
        program.ready().await
    }

    /// Where a process listens, for what must not work.
    pub fn url(&mut self, program: &str) -> String {
        self.program(program).url()
    }

    /// Name and process id of everything that runs.
    #[must_use]
    pub fn processes(&self) -> Vec<(&'static str, u32)> {
        self.programs.iter().filter_map(|(name, program)| Some((*name, program.pid()?))).collect()
    }

    pub fn cut_broker(&self) {
        self.broker().proxy().cut();
    }

    pub fn mend_broker(&self) {
        self.broker().proxy().mend();
    }

    /// Puts bytes on the exchange, as a broken or foreign publisher would.
    pub async fn publish(&self, event_type: &str, body: &[u8]) {
        self.broker().publish(event_type, body).await;
    }

    /// Everything of one type that is published from now on.
    pub async fn tap(&self, event_type: &str) -> Tap {
        self.broker().tap(event_type).await
    }

    pub async fn dead_letter(&self, service: &str) -> Option<DeadLetter> {
        self.broker().dead_letter(service).await
    }

    /// Runs a subcommand of a program with the settings it serves with, and gives what it printed.
    pub async fn command(&mut self, program: &str, subcommand: &str) -> String {
        self.program(program).command(subcommand).await
    }

    fn program(&mut self, name: &str) -> &mut Program {
        self.programs.get_mut(name).unwrap_or_else(|| panic!("this system has no process {name}"))
    }

    fn broker(&self) -> &Broker {
        self.broker.as_ref().expect("this system has no broker")
    }
}

impl Drop for System {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for program in self.programs.values() {
                eprintln!("{}", program.log_tail());
            }
        }
        // Processes before the queues and databases they use.
        self.programs.clear();
        self.broker.take();
        self.folder.take();
    }
}

fn folder() -> TempDir {
    tempfile::Builder::new().prefix("guanxi-system-").tempdir().expect("a temporary folder")
}

/// A port nobody listens on. It stays free until the program binds it, but for bad luck.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address: SocketAddr = listener.local_addr().expect("a bound listener has an address");
    address.to_string()
}
