import { UsageError } from '../../base/errors.ts';
import { type HttpRoot, parseHttpRoot } from '../web/http-root.ts';

/** A series, or an instance of one, by its UIDs; the study is needed to address either. */
export interface SeriesAddress {
  readonly study: string;
  readonly series: string;
}

/** The root of a DICOMweb store, taken apart. */
export interface DicomwebRoot {
  /** The service's base URL (PS3.18 section 8.2), its path ending with a slash; no user information, query or fragment. */
  readonly service: URL;
  /** The query that came with it ('' or `?...`), sent with every request. */
  readonly search: string;
  readonly authorization: string | undefined;
  /** For messages: `https://host/dicom-web/studies/...`, neither user information nor query. */
  readonly location: string;
  /** What the URL names below the service, as far as it does. */
  readonly study: string | undefined;
  readonly series: string | undefined;
  readonly instance: string | undefined;
}

/** As the standard has UIDs (PS3.5 section 9), and a little more, as they occur. Never `.` or `..`. */
const UID = /^(?!\.{1,2}$)[\w.-]{1,64}$/;

/** Whether a text can stand for a UID in a path. */
export function isUsableUid(text: string): boolean {
  return UID.test(text);
}

const RESOURCE = /^(.*?)(?:\/studies\/([^/]+))?(?:\/series\/([^/]+)(?:\/instances\/([^/]+))?)?(?:\/metadata)?\/$/;

/**
 * Takes `dicomweb+https://host/dicom-web`, or the URL of a study, series or instance below it, apart.
 * Throws a UsageError that does not repeat it, for it may carry a password.
 */
export function parseDicomwebRoot(text: string): DicomwebRoot {
  const isOfScheme = /^dicomweb\+https?:/i.test(text);
  if (!isOfScheme) throw new UsageError('Expected a root such as dicomweb+https://host/dicom-web.');
  const root: HttpRoot = parseHttpRoot(text.slice('dicomweb+'.length));
  const [, base = '', study, series, instance] = RESOURCE.exec(root.folder.pathname) ?? [];
  for (const uid of [study, series, instance]) {
    if (uid !== undefined && !isUsableUid(uid)) {
      throw new UsageError('Expected UIDs behind /studies/, /series/ and /instances/ in the DICOMweb root.');
    }
  }
  const service = new URL(root.folder.origin);
  service.pathname = `${base}/`;
  const { search, authorization } = root;
  return { service, search, authorization, location: root.location.replace(/\/+$/, ''), study, series, instance };
}

/** The path of a series below the service. */
export function seriesPath({ study, series }: SeriesAddress): string {
  return `studies/${study}/series/${series}`;
}
