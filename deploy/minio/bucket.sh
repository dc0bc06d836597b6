# Makes the bucket and the platform's user in it. Run again it changes nothing. With versions: whoever may write cannot take away what was
# written, as deleting is not among what the user may do. Object lock can only be had from the start, so it is: no period is set here.
set -eu
export MC_CONFIG_DIR=/tmp/mc
mc alias set esign http://minio:9000 root "$MINIO_ROOT_PASSWORD"
mc mb --ignore-existing --with-lock esign/esign
mc version enable esign/esign
mc admin user add esign esign "$S3_SECRET_ACCESS_KEY"
mc admin policy create esign esign-files /policy.json
# Attaching twice is an error.
mc admin policy attach esign esign-files --user esign || case $(mc admin user info esign esign) in *esign-files*) ;; *) exit 1 ;; esac
