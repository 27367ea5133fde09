import { describe, expect, it } from 'vitest';
import { isUsableUid, parseDicomwebRoot } from '../../../src/storage/dicomweb/address.ts';

const taken = (text: string): unknown => {
  const { service, search, authorization, location, study, series, instance } = parseDicomwebRoot(text);
  return [service.href, search, authorization, location, study, series, instance];
};

describe('parseDicomwebRoot', () => {
  it('takes a service, and what is named below it, apart', () => {
    const none = undefined;
    expect(taken('dicomweb+https://h/dicom-web')).toEqual([
      'https://h/dicom-web/',
      '',
      none,
      'https://h/dicom-web',
      none,
      none,
      none,
    ]);
    expect(taken('DICOMWEB+HTTP://h:8042/')).toEqual(['http://h:8042/', '', none, 'http://h:8042', none, none, none]);
    expect(taken('dicomweb+https://h/a/b/studies/1.2/series/3.4/')).toEqual([
      'https://h/a/b/',
      '',
      none,
      'https://h/a/b/studies/1.2/series/3.4',
      '1.2',
      '3.4',
      none,
    ]);
    expect(taken('dicomweb+https://h/d/studies/1.2/series/3.4/metadata')).toMatchObject({ 4: '1.2', 5: '3.4' });
    expect(taken('dicomweb+https://h/d/studies/1.2')).toMatchObject({ 0: 'https://h/d/', 4: '1.2', 5: none });
    expect(taken('dicomweb+https://h/d/series/3.4')).toMatchObject({ 0: 'https://h/d/', 4: none, 5: '3.4' });
    expect(taken('dicomweb+https://h/d/studies/1/series/2/instances/3')).toMatchObject({ 6: '3' });
  });

  it('keeps credentials and query out of what is printed', () => {
    const root = parseDicomwebRoot('dicomweb+https://me:secret@h/d/studies/1.2?sig=hush#x');
    expect(root).toMatchObject({ search: '?sig=hush', authorization: 'Basic bWU6c2VjcmV0' });
    expect(root.location + root.service.href).not.toMatch(/secret|hush|me:/);
  });

  it('refuses what is none, without repeating it', () => {
    for (const text of [
      'https://h/d',
      'dicomweb+ftp://h',
      'dicomweb+https://',
      'dicomweb+https://h/studies/a%20b?hush',
    ]) {
      expect(() => parseDicomwebRoot(text), text).toThrow(/^Expected (?!.*hush)/);
    }
  });
});

describe('isUsableUid', () => {
  it('takes UIDs, nothing that leads elsewhere', () => {
    expect(['1.2.840', '2.25.1', '3gb_native.0', '0'].every(isUsableUid)).toBe(true);
    expect(['', '.', '..', 'a/b', 'a b', '%2e', '1'.repeat(65), 'a?b'].some(isUsableUid)).toBe(false);
  });
});
