"""Interviews held offline with ODK Collect, KoboCollect or Enketo: devices, the forms they fetch, the answers they send."""
