import { UsageError } from '../../base/errors.ts';
import { type HttpRoot, parseHttpRoot } from '../web/root.ts';

/** The UIDs of a series. Its study is needed to address it. */
export interface SeriesAddress {
  readonly study: string;
  readonly series: string;
}

/** The root of a DICOMweb store, taken apart. */
export interface DicomwebRoot {
  /**
   * The service's base URL (PS3.18 section 8.2); its path ends with a slash. Without user information, query and
   * fragment.
   */
  readonly service: URL;
  /** The URL's query ('' or `?...`), sent with every request. */
  readonly search: string;
  readonly authorization: string | undefined;
  /** For messages: `https://host/dicom-web/studies/...`, without user information and query. */
  readonly location: string;
  /** What the URL names below the service, where it does. */
  readonly study: string | undefined;
  readonly series: string | undefined;
  readonly instance: string | undefined;
}

/** A UID (PS3.5 section 9), or a text a little beyond that, as they occur. Never `.` or `..`. */
const usableUid = /^(?!\.{1,2}$)[\w.-]{1,64}$/;

/** Whether a text may be used as a UID in a path. */
export function isUsableUid(text: string): boolean {
  return usableUid.test(text);
}

/** Base URL of the service, study, series and instance. */
const resourcePath = /^(.*?)(?:\/studies\/([^/]+))?(?:\/series\/([^/]+)(?:\/instances\/([^/]+))?)?(?:\/metadata)?\/$/;

/**
 * Takes `dicomweb+https://host/dicom-web` apart, or the URL of a study, series or instance below it. Throws a
 * UsageError that does not repeat the URL, because it may carry a password.
 */
export function parseDicomwebRoot(text: string): DicomwebRoot {
  const isOfScheme = /^dicomweb\+https?:/i.test(text);
  if (!isOfScheme) throw new UsageError('Expected a root such as dicomweb+https://host/dicom-web.');
  const root: HttpRoot = parseHttpRoot(text.slice('dicomweb+'.length));
  const [, base = '', study, series, instance] = resourcePath.exec(root.folder.pathname) ?? [];
  for (const uid of [study, series, instance]) {
    if (uid !== undefined && !isUsableUid(uid)) {
      throw new UsageError('Expected UIDs after /studies/, /series/ and /instances/ in the DICOMweb root.');
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
