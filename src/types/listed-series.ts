/** A series that was found below a root, as far as finding it told. */
export interface ListedSeries {
  /** Where it lies, without credentials: its folder, else the root. */
  readonly location: string;
  /** Its name for other calls with the same root: a Series Instance UID, or a folder below the root. */
  readonly series: string;
  /** Series Instance UID; null where nothing was read of it, '' where its headers have none. */
  readonly seriesInstanceUid: string | null;
  /** Study Instance UID; null and '' as above. */
  readonly studyInstanceUid: string | null;
  /** Modality (0008,0060); null and '' as above. */
  readonly modality: string | null;
  /** Series Description (0008,103E); null and '' as above. */
  readonly seriesDescription: string | null;
  /** Body Part Examined (0018,0015); null and '' as above. */
  readonly bodyPartExamined: string | null;
  /** Series Date (0008,0021); only where patient attributes were asked for and a header was read. */
  readonly seriesDate?: string;
  /** Objects, which are instances unless something else lies between them; null where the service does not tell. */
  readonly instances: number | null;
  /** Bytes of all its objects; null where the store tells no sizes. */
  readonly byteLength: number | null;
  /** Rows and Columns of one of its images; null where no header was read, or it was not read so far. */
  readonly rows: number | null;
  /** Columns (0028,0011) of the same image; null likewise. */
  readonly columns: number | null;
}
