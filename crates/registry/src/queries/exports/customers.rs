use database::{Conn, Db, Id};
use registry_contract::{Customer, CustomerQuery};

use super::{PAGE, Rows};
use crate::domain::Sight;
use crate::domain::export::CustomerColumn;
use crate::error::{Error, Result};
use crate::queries::customers::narrowed;
use crate::store::{self, Narrowed};

/// Which customers to export, for whom.
pub struct CustomerExport {
    wanted: CustomerQuery,
    narrowed: Narrowed,
    columns: Vec<CustomerColumn>,
    sight: Sight,
}

impl CustomerExport {
    /// With the columns of these names, or all.
    pub async fn of(db: &Db, wanted: CustomerQuery, columns: Option<&str>, sight: Sight) -> Result<Self> {
        let mut conn = db.read().await?;
        let fields = store::definitions(&mut conn).await?;
        let columns = match columns {
            Some(names) => {
                CustomerColumn::named(names, &fields).map_err(|faults| Error::QueryInvalid(faults.into_vec()))?
            }
            None => CustomerColumn::all(&store::external_systems(&mut conn).await?, &fields),
        };
        let narrowed = narrowed(&mut conn, &wanted).await?;
        Ok(Self { wanted, narrowed, columns, sight })
    }

    /// Columns that are empty for consumers, since the caller may not see persons.
    pub fn withheld(&self) -> Vec<String> {
        let personal = self.columns.iter().filter(|column| column.is_personal() && !self.sight.is_everything());
        personal.map(CustomerColumn::name).collect()
    }

    pub fn header(&self) -> Vec<String> {
        self.columns.iter().map(CustomerColumn::name).collect()
    }

    /// The rows of the customers behind one, and who the last of them is.
    pub async fn page(&self, conn: &mut Conn, after: Option<Id>) -> Result<Option<(Id, Rows)>> {
        let rows = store::customers_asked_after(conn, &self.wanted, &self.narrowed, self.sight, after, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
        let parents: Vec<Id> = rows.iter().filter_map(|row| row.parent_id).collect();
        let parents = store::codes_and_names_of(conn, &parents).await?;
        let customers = store::complete(conn, rows).await?.into_iter().map(|customer| self.sight.of(customer));
        let row = |customer: Customer| {
            let parent = customer.parent_id.and_then(|id| parents.get(&id)).map(|(code, _)| code.as_str());
            self.columns.iter().map(|column| column.cell(&customer, parent)).collect()
        };
        Ok(Some((last, customers.map(row).collect())))
    }
}
