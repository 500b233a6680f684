//! All services under one roof: opened together, closed together.

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chassis::token::Signer;
use chassis::{Caller, Mistakes, Running, Service, Settings, StartError};
use chrono::Utc;
use gateway::bootstrap;
use gateway::domain::Role;
use messaging::{Bus, BusError};
use registry_contract::Customer;
use tokio::task::JoinHandle;
use wire::Page;

use crate::cli::{Serve, Storage};
use crate::credentials::{Login, api_key};
use crate::demo::{self, Beginning, Demo, DemoError, Telling};
use crate::folder::{Claimed, Folder, FolderError};
use crate::inside::{Inside, InsideError};
use crate::keys::{NoRandom, random};
use crate::places::Places;

const SERVICES: [&Service; 4] = [&registry::SERVICE, &interactions::SERVICE, &complaints::SERVICE, &scoring::SERVICE];

/// How they are started: those with loops first without them. While the demo world is told, scores are made for the
/// instant that is told of, and nobody is told of a complaint that is answered in the next breath.
const STARTED: [&Service; 4] = [&registry::SERVICE, &interactions::SERVICE, &COMPLAINTS_ON_DEMAND, &SCORING_ON_DEMAND];

static COMPLAINTS_ON_DEMAND: Service = without_loops(&complaints::SERVICE);
static SCORING_ON_DEMAND: Service = without_loops(&scoring::SERVICE);

const fn without_loops(service: &'static Service) -> Service {
    Service {
        name: service.name,
        about: service.about,
        migrations: service.migrations,
        openapi: service.openapi,
        routes: service.routes,
        subscriptions: service.subscriptions,
        republish: service.republish,
        prepare: service.prepare,
        background: &[],
        authenticate: service.authenticate,
        keys: service.keys,
        configure: service.configure,
    }
}

/// As long as container runtimes wait before they kill.
const CLOSED_WITHIN: Duration = Duration::from_secs(10);

/// Set by who wants a key of his own choice instead of a printed password.
const BOOTSTRAP: [&str; 2] = ["GUANXI_BOOTSTRAP_API_KEY", "GUANXI_BOOTSTRAP_API_KEY_FILE"];

#[derive(Debug, thiserror::Error)]
pub enum HouseError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("{0} is taken by another program; name another address with --listen")]
    Taken(SocketAddr),
    #[error("cannot listen on {address}: {source}")]
    Address { address: SocketAddr, source: std::io::Error },
    #[error("{service}: {source}")]
    Settings { service: &'static str, source: Mistakes },
    #[error("{service} cannot start: {source}")]
    Start { service: &'static str, source: StartError },
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error("{service}: {source}")]
    Database { service: &'static str, source: database::Error },
    #[error("callers: {0}")]
    Callers(#[from] gateway::Error),
    #[error(transparent)]
    Random(#[from] NoRandom),
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error("the gateway does not answer: {0}")]
    Gateway(#[from] reqwest::Error),
    #[error(
        "--demo fills an empty world only, and this one has customers already; start without --demo, or name another folder with --data"
    )]
    Inhabited,
    #[error(transparent)]
    Inside(#[from] InsideError),
    #[error("there is no service {0:?}: there are registry, interactions, complaints, scoring and gateway")]
    NoService(String),
    #[error("{0} keeps nothing that others follow")]
    NothingToTell(&'static str),
    #[error("the document cannot be written: {0}")]
    Document(#[from] serde_json::Error),
}

/// The running whole.
pub struct House {
    services: Vec<Running>,
    gateway: Running,
    /// Of services that were started without.
    loops: Vec<JoinHandle<()>>,
    administrator: Option<Login>,
    demo: Option<Demo>,
    signer: Signer,
    /// Let go last: nobody may open the files while a service still closes.
    folder: Claimed,
}

impl House {
    /// Opens every service on a loopback port of its own and the gateway before them; tells the demo world if asked to.
    /// Until this returns nobody has been told a way in.
    pub async fn open(order: &Serve) -> Result<Self, HouseError> {
        ensure_free(order.listen)?;
        let folder = Claimed::claim(&order.storage.data)?;
        let places = Places::new(&folder, &order.storage);
        let bus = Bus::connect(&places.broker_url()).await?;
        let seed = random::<32>()?;
        let signer = Signer::from_seed(&seed);
        let public_key = STANDARD.encode(signer.public_key());
        declare_all(&bus).await;
        let mut services = Vec::new();
        for service in STARTED {
            let own = [("LISTEN", "127.0.0.1:0".to_owned()), ("TOKEN_PUBLIC_KEY", public_key.clone())];
            services.push(start(service, &places, &own, &bus).await?);
        }
        let gateway = start(&gateway::SERVICE, &places, &of_gateway(order.listen, &seed, &services), &bus).await?;
        let mut house = Self { services, gateway, loops: Vec::new(), administrator: None, demo: None, signer, folder };
        match house.settle_in(order.demo).await {
            Ok(()) => {
                house.live_from_now_on();
                Ok(house)
            }
            Err(error) => {
                house.close().await;
                Err(error)
            }
        }
    }

    /// Lets the first callers in, and tells the demo world where it is wanted.
    async fn settle_in(&mut self, demo: bool) -> Result<(), HouseError> {
        if !demo {
            self.administrator = self.admit_administrator().await?;
            return Ok(());
        }
        self.demo = Some(match demo::begin(&self.folder)? {
            Beginning::Told(demo) => demo,
            Beginning::Fresh(telling) => self.tell(telling, false).await?,
            Beginning::Interrupted(telling) => {
                eprintln!("The demo world was interrupted half-way; going on with it.");
                self.tell(telling, true).await?
            }
        });
        Ok(())
    }

    async fn tell(&self, telling: Telling, again: bool) -> Result<Demo, HouseError> {
        if !again {
            if !self.is_uninhabited().await? {
                return Err(HouseError::Inhabited);
            }
            telling.note_down(&self.folder)?;
        }
        let db = &self.gateway.context.db;
        bootstrap::ensure_user(db, &telling.administrator.login, &telling.administrator.password, &[Role::Admin])
            .await?;
        bootstrap::ensure_api_key(db, "demo", &telling.api_key, &[Role::Admin]).await?;
        let inside = Inside::new(&self.services, &self.url(), &telling.api_key)?;
        Ok(telling.tell(again, &self.folder, &inside).await?)
    }

    /// Asked of the registry itself: in a world that is somebody's, nobody gets a key for the asking.
    async fn is_uninhabited(&self) -> Result<bool, HouseError> {
        let caller = Caller {
            id: "system".to_owned(),
            name: "guanxi".to_owned(),
            roles: Vec::new(),
            permissions: vec!["customers:read".to_owned()],
        };
        let registry = &self.services[0];
        let token = self.signer.sign(registry.context.service.name, &caller, Utc::now());
        let request = http()?.get(format!("http://{}/api/v1/customers?limit=1", registry.addr)).bearer_auth(token);
        let customers: Page<Customer> = request.send().await?.error_for_status()?.json().await?;
        Ok(customers.items.is_empty())
    }

    fn live_from_now_on(&mut self) {
        let waiting = self.services.iter().filter(|running| running.context.service.background.is_empty());
        let loops = waiting.flat_map(|running| {
            let service = SERVICES.iter().find(|service| service.name == running.context.service.name);
            let loops = service.into_iter().flat_map(|service| service.background);
            loops.map(|run| tokio::spawn(run(running.context.clone())))
        });
        self.loops = loops.collect();
    }

    /// An administrator with a random password, unless there is one or a key of the caller's choice is to be the first.
    async fn admit_administrator(&self) -> Result<Option<Login>, HouseError> {
        if BOOTSTRAP.iter().any(|name| std::env::var_os(name).is_some()) {
            return Ok(None);
        }
        let login = Login::random("admin")?;
        bootstrap::ensure_user(&self.gateway.context.db, &login.login, &login.password, &[Role::Admin]).await?;
        // An administrator who was there before has another password: only a new one can log in with this.
        let answer = http()?.post(format!("{}/api/v1/sessions", self.url())).json(&login).send().await?;
        Ok(answer.status().is_success().then_some(login))
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.gateway.addr)
    }

    /// The administrator made by this start: only the very first makes one.
    pub fn administrator(&self) -> Option<&Login> {
        self.administrator.as_ref()
    }

    pub fn demo(&self) -> Option<&Demo> {
        self.demo.as_ref()
    }

    /// Issues an administrator's API key.
    pub async fn issue_key(&self, name: &str) -> Result<String, HouseError> {
        let key = api_key()?;
        bootstrap::ensure_api_key(&self.gateway.context.db, name, &key, &[Role::Admin]).await?;
        Ok(key)
    }

    /// Turns away new requests first, then lets each service finish. What is not told in time waits in the outbox.
    pub async fn close(self) {
        let closing = async {
            self.gateway.stop().await;
            futures::future::join_all(self.services.into_iter().map(Running::stop)).await;
            // They end with their service; one that panicked has told so.
            futures::future::join_all(self.loops).await;
        };
        if tokio::time::timeout(CLOSED_WITHIN, closing).await.is_err() {
            tracing::warn!("not everything was finished in time; the next start goes on with it");
        }
    }
}

/// Makes every service's queue before any service speaks: an event is kept only by the queues that are there.
async fn declare_all(bus: &Bus) {
    for service in all() {
        if let Err(error) = bus.declare(service.name, service.subscriptions).await {
            tracing::warn!(service = service.name, %error, "the bus cannot be reached yet; events wait in the outbox");
        }
    }
}

/// For calls within this machine, which no proxy has a part in.
fn http() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().no_proxy().build()
}

/// Found out before anything is started or filled; the gateway binds the address for good later.
fn ensure_free(address: SocketAddr) -> Result<(), HouseError> {
    match TcpListener::bind(address) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(HouseError::Taken(address)),
        Err(source) => Err(HouseError::Address { address, source }),
    }
}

async fn start(
    service: &'static Service,
    places: &Places<'_>,
    own: &[(&str, String)],
    bus: &Bus,
) -> Result<Running, HouseError> {
    let name = service.name;
    let settings = settings(service, places, own)?;
    chassis::start(service, settings, bus.clone()).await.map_err(|source| HouseError::Start { service: name, source })
}

fn settings(service: &'static Service, places: &Places<'_>, own: &[(&str, String)]) -> Result<Settings, HouseError> {
    let environment = places.environment(service.name, own);
    Settings::load(service, environment, None).map_err(|source| HouseError::Settings { service: service.name, source })
}

fn of_gateway(listen: SocketAddr, seed: &[u8; 32], services: &[Running]) -> Vec<(&'static str, String)> {
    const ADDRESSES: [&str; 4] = ["REGISTRY_URL", "INTERACTIONS_URL", "COMPLAINTS_URL", "SCORING_URL"];
    let addresses = ADDRESSES.into_iter().zip(services).map(|(key, service)| (key, format!("http://{}", service.addr)));
    let own = [("LISTEN", listen.to_string()), ("TOKEN_SEED", STANDARD.encode(seed))];
    own.into_iter().chain(addresses).collect()
}

/// Puts a service's dead letters back into its queue.
pub async fn redrive(storage: &Storage, name: &str) -> Result<ExitCode, HouseError> {
    let service = named(name)?;
    let folder = Folder::open(&storage.data)?;
    let bus = Bus::connect(&Places::new(&folder, storage).broker_url()).await?;
    let count = messaging::redrive(&bus, service.name).await?;
    println!("{count} dead letters of {name} put back into its queue");
    Ok(ExitCode::SUCCESS)
}

/// Has a service tell all its state again.
pub async fn republish(storage: &Storage, name: &str) -> Result<ExitCode, HouseError> {
    let service = named(name)?;
    let folder = Claimed::claim(&storage.data)?;
    let republish = service.republish.ok_or(HouseError::NothingToTell(service.name))?;
    let places = Places::new(&folder, storage);
    let bus = Bus::connect(&places.broker_url()).await?;
    declare_all(&bus).await;
    let own = [("LISTEN", "127.0.0.1:0".to_owned()), ("TOKEN_PUBLIC_KEY", STANDARD.encode([0; 32]))];
    let running = start(service, &places, &own, &bus).await?;
    let told = republish(running.context.clone()).await;
    let drained = messaging::drain_outbox(&running.context.db, &running.context.bus).await;
    running.stop().await;
    let count = told.map_err(|source| HouseError::Database { service: service.name, source })?;
    drained?;
    println!("{count} events of {name} to be told again");
    Ok(ExitCode::SUCCESS)
}

/// What starting does first, and no more.
pub async fn migrate(storage: &Storage) -> Result<ExitCode, HouseError> {
    let folder = Claimed::claim(&storage.data)?;
    let places = Places::new(&folder, storage);
    for service in all() {
        let failed = |source| HouseError::Database { service: service.name, source };
        let db = database::Db::open(&places.database_url(service.name), database::Options { connections: 1 })
            .map_err(failed)?;
        let common = [database::migrations(), messaging::MIGRATIONS, chassis::migrations()];
        db.migrate(common.into_iter().chain((service.migrations)()).collect()).await.map_err(failed)?;
        println!("{}: up to date", service.name);
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints one service's document, or the merged one as the gateway serves it.
pub async fn print_openapi(name: Option<&str>) -> Result<ExitCode, HouseError> {
    let document = match name {
        Some(name) => serde_json::to_value(chassis::openapi(named(name)?))?,
        None => merged_document().await?,
    };
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(ExitCode::SUCCESS)
}

/// Only a gateway with its services merges: one is opened for a moment.
async fn merged_document() -> Result<serde_json::Value, HouseError> {
    let data = tempfile::tempdir().map_err(|source| FolderError::Unusable { folder: std::env::temp_dir(), source })?;
    let order = Serve {
        storage: Storage::folder(data.path()),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        log: String::new(),
        demo: false,
    };
    let house = House::open(&order).await?;
    let answer = async { http()?.get(format!("{}/openapi.json", house.url())).send().await?.json().await }.await;
    house.close().await;
    Ok(answer?)
}

/// What the services inside take from the environment besides the arguments, for `--help`.
pub fn choices_described() -> String {
    all()
        .map(Service::choices_described)
        .fold("Of the services inside, from the environment:\n".to_owned(), |text, one| text + &one)
}

fn all() -> impl Iterator<Item = &'static Service> {
    SERVICES.into_iter().chain([&gateway::SERVICE])
}

fn named(name: &str) -> Result<&'static Service, HouseError> {
    all().find(|service| service.name == name).ok_or_else(|| HouseError::NoService(name.to_owned()))
}
